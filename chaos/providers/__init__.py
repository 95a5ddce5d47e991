"""Simulated providers, for runs without keys: one file a provider."""
