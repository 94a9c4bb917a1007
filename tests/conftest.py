"""Puts the folder above this package on the path, so that every test can import `tests.support`."""
