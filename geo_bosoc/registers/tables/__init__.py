"""Tables as people lay them out: labels, headings, hidden parts, percentages, years and areas across."""
