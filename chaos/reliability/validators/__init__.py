"""One file a validator; each judges one exchange."""
