"""Locustfiles, each runnable by plain `locust -f`."""
