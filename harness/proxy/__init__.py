"""The proxy laboratory: a real nginx with the user's configuration, between the harness and its target."""
