"""What a simulated model says, in no provider's words: seeded, of known content, without sockets."""
