"""What breaks on purpose while a load runs: a relay that harms connections, and disruptions of the target itself."""
