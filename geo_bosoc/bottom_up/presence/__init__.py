"""What the municipality does at places: its services by kind, as rates and beside what one would expect."""
