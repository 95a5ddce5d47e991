"""A simulated gateway: the system under test that behaves as a gateway should, or badly in ways of your choice."""
