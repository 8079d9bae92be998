"""What several workers have in common, in Redis: rooms, logs of streams, answers given once, limits."""
