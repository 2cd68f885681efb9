"""Categories that tell no suppressed count, or ranges of them."""
