"""What is counted: definitions, counting, intervals, rates."""
