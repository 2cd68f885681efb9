"""Where points lie: point in polygon, the rule for borders and overlaps, the spatial join, the match report."""
