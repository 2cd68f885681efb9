"""What may be shown: small numbers guarded, sets of output."""
