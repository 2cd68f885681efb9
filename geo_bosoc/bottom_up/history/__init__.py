"""A place over the years: its forum and actions, the verdict of each year, and what became of it."""
