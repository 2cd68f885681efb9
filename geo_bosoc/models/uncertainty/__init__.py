"""How sure a category is: figures drawn anew, the smallest change that would alter it."""
