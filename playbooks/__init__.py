"""EXPLAIN: templates and the renderer. Empty until its first command."""
