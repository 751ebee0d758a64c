"""Exact counts of neighbours and of their labels."""
