"""What changed from one period to another, and against what: figures, categories, status and dynamics, claims."""
