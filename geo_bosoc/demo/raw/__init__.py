"""The demo in raw shape: the files that municipalities get, with all their faults."""
