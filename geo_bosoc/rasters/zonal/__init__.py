"""Figures of areas from the cells of rasters: cells in an area are rows, counted like those of any register."""
