"""The proxy: one listener a provider; the pipeline has no sockets, only the server has."""
