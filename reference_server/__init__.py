"""The FastAPI application under test."""
