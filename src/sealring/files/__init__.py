"""Read and write files so that nothing is lost and nothing leaks: atomic, locked, inside the repository."""
