"""What programs use of sealring: the command line is built on the same.

>>> import sealring
>>> config = sealring.load("config/prod.yaml")            # doctest: +SKIP
"""
