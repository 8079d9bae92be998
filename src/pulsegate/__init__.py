"""Test and load harness for real-time chat endpoints."""
