"""Counting: from registers with labels or areas to whole numbers of numerator, denominator and unknown."""
