"""Row-wise SQL conditions, parsed once into Polars expressions that know their columns."""
