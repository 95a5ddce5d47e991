"""DECIDE: usage logs and prices in, a decision out."""
