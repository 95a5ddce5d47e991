"""Experiments: a fault on purpose, under load, and a verdict about the system behind which it happened."""
