"""What may come: early warning, and the list of 1 December ahead of time."""
