"""Conversations, tasks and events in SQL."""
