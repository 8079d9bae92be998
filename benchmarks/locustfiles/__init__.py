"""The generators that are Locust: each file is a locustfile."""
