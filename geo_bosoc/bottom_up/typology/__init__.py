"""Types of areas: which areas are alike in profile, what drives each type, and whether that can be told."""
