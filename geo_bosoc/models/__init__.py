"""How areas are categorised."""
