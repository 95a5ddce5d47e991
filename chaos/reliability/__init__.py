"""Whether answers are any good, and how soon one would notice that they are not."""
