"""The bottom-up study of a project: its inputs, and its steps from registers to results."""
