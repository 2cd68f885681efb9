"""The public and the internal set of files: what each takes, writing them, and those published before."""
