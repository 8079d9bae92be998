"""The lint rules by what they look at; each is a function from a scene to its findings."""
