"""The ids of reference areas: they stand where an area's id stands."""

from typing import Final

MUNICIPALITY: Final = "@municipality"
"""`area_id` of the reference area that counts everybody in the municipality, and of its own row in a finished table."""
ALL_AREAS: Final = "@areas"
"""`area_id` of the reference area that counts everybody in the assessed areas together, each person once."""
REST: Final = "@rest"
"""The municipality less the area that is compared with it: each area has its own."""
OUTSIDE: Final = "@outside_areas"
"""The municipality less all assessed areas: everybody who lives in none of them."""
REGION: Final = "@region"
NATIONAL: Final = "@national"
GROUP: Final = "@group:"
"""What the `area_id` of a group of areas starts with; the group's id follows."""
TWINS: Final = "@twins"
"""The areas most like an area, taken together: each area has its own."""


def group_area(group: str) -> str:
    """The `area_id` of a group of areas.

    >>> group_area("agreement_west")
    '@group:agreement_west'
    """
    return f"{GROUP}{group}"
