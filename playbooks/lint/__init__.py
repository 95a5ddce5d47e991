"""A runbook checked as code is: its commands parse, its links lead somewhere, somebody owns it, it is exercised."""
