"""Rasters on the Danish square grid."""
