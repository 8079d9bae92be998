"""Verdicts: which exit code a record deserves."""
