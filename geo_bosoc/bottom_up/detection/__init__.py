"""Detected places: where more people are met by an indicator than chance would put there."""
