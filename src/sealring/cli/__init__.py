"""The command line: one module per command; `main` alone exits, `ui` alone prints and prompts."""
