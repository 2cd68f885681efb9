"""Goals: read from tables or as they ship, compared with what came of them, and told in sentences."""
