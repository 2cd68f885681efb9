"""The ids of reference areas: they stand where an area's id stands."""

from typing import Final

MUNICIPALITY: Final = "@municipality"
"""`area_id` of the reference area that counts everybody in the municipality, and of its own row in a finished table."""
ALL_AREAS: Final = "@areas"
"""`area_id` of the reference area that counts everybody in the assessed areas together, each person once."""
