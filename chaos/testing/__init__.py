"""Providers, proxies and faults for tests: in the process of the test, and gone with it."""
