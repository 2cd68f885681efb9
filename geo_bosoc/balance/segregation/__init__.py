"""Segregation: indices, their value under randomness, and at several scales."""
