"""The cases, run against a target."""
