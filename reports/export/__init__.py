"""A record's figures for other people's monitoring: the same series as OTLP and for Prometheus."""
