"""Ways to serve the demand: one file an option."""
