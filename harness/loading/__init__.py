"""Load runs as a command sees them: what is planned, the generator processes, and what they measured.

Nothing here imports Locust or gevent: the generators are child processes.
"""
