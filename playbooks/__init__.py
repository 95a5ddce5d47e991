"""EXPLAIN: runbooks and post-mortems from results, and their lint; jinja2 lives here only."""
