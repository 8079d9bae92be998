"""Finding out what a target offers, for ``pulsegate init``: by asking gently, and by what answers."""
