"""What the calls of a log cost: catalogue beside what was billed, in total and by whoever caused it."""
