"""What goes for another figure's sake: sums, parts, unknowns, areas within areas, windows of years."""
