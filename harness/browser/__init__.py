"""A real browser before the target: figures of a page, documented claims under test, the contract as pages see it."""
