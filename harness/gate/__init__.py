"""The gate: one verdict from the contract and a short load."""
