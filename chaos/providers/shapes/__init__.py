"""How each API says what a simulated model says: bodies and events, without sockets."""
