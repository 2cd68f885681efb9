"""The studies from a project file: balance, bottom-up and follow-up."""
