"""Load that does not wait for answers, and what it measures: time to the first token, between tokens, in total."""
