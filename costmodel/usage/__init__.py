"""Usage logs of any gateway in, one table out: what was called, when, by whom, with how many tokens."""
