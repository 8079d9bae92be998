"""What pairs of measurements say: tests, bounds, and how a typical difference is estimated. No I/O, no clock."""
