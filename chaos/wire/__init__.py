"""What providers say on the wire: bytes to parts and back, without a socket."""
