"""Dwellings for those whom the municipality assigns: need, the agreements' supply, and where assignments go."""
