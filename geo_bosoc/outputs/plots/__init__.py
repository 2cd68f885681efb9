"""Plots for papers, in one style: lines over periods, stacked bars, dots beside what they are compared with."""
