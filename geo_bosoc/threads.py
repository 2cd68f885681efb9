"""How many threads share work that lets go of Python's lock: one home for the number."""

from typing import Final

THREADS: Final = 2
"""As many cores as an office PC has to spare; more threads hold more of the work in memory at once. No result depends
on it."""
