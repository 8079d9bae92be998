"""The gevent world: Locust users and what they record."""
