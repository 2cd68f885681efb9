"""The map page: one HTML file that contacts no host."""
