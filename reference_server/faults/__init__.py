"""Planted faults, one file each: a small change of behaviour, and the clauses it breaks (``BREAKS``).

Each shows that a clause can fail. The file's name is the fault's name, its docstring's first line
says what a user of such a server would see.
"""
