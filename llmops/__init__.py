"""Decide, break, build and explain the infrastructure that products on large language models stand on."""

__version__ = "0.1.0"
