"""Starting a project: its folder, and the registers and boundaries of a user's own files."""
