"""BREAK: faults, the proxy, load, experiments, verdicts, gates. Empty until its first command."""
