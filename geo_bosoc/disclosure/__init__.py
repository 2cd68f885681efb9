"""Disclosure control: what may be published. Between the results on true counts and everything that writes."""
