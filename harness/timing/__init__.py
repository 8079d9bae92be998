"""The Sans-I/O core: bytes and a time in, events and records out.

Nothing here reads a clock, opens anything or awaits anything; it imports the standard library,
hdrhistogram and ``harness.errors`` only.
"""
