"""Files are written whole or not at all, and a set of files changes together or stays as it was."""
