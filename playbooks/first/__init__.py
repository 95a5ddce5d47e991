"""A first configuration and a first file of gates, from what is in a folder."""
