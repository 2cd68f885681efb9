"""Values in text: numbers, days, school years, marks, types of columns, address keys."""
