"""The ChatKit protocol: requests, threads and their items, answers and streams."""
