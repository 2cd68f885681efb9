"""Rules models: three-valued criteria, flags, and what earlier years say."""
