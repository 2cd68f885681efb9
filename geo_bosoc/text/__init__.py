"""Words, numbers, dates, colours and provenance in Danish and English: what every output that a person reads takes."""
