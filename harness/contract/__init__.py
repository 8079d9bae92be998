"""The clause registry and the engine that runs the cases against a target."""
