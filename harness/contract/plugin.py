"""Pytest plugin: gives users the contract fixtures."""
