"""The checks that tie frames to the project."""
