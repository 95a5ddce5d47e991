"""Existing machines as the fallback: pushed, woken and put to sleep over SSH."""
