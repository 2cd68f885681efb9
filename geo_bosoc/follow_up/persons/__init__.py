"""Persons linked over years, in the internal set alone: who moved, who changed, and why areas changed category."""
