"""The deterministic agent."""
