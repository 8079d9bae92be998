"""What generators say of each second, and what that adds up to: needs no clock, no socket and no gevent."""
