"""The studies from a project file: balance, and bottom-up."""
