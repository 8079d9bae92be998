"""The grid: the event-stream cases served to well-known clients, and what each makes of them."""
