"""Serving simulated providers: pace, limits, keys, sockets."""
