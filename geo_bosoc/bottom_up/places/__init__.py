"""Places as homes and outlines: nominated and detected ones joined, what is reckoned of them, and what may be drawn."""
