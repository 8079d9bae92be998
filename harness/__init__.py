"""The machinery: it knows a target by URL only."""
