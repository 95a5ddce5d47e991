"""Everything that can go wrong: one file a fault."""
