"""Consistency with the set that was published before."""
