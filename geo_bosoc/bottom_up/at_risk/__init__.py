"""Areas to look at before a model says so: too small for it, or likely to do worse next year; chances, no verdicts."""
