"""Expectations: one file a check."""
