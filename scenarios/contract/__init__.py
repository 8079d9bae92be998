"""The contract: one file per surface."""
