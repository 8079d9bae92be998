"""What the load engine costs, beside what else could be used: `make bench`. Not part of the package."""
