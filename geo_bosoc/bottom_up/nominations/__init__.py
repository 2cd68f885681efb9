"""Nominations: places that staff name, read, matched to estates and homes, and deduplicated."""
