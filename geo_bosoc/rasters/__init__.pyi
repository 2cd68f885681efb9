from .cell_tables import read_cells as read_cells
from .grid import grid_means as grid_means
from .grid import read_grid as read_grid
from .grid import write_grid as write_grid
from .square_grid import cell_corners as cell_corners
from .square_grid import cell_ids as cell_ids
from .square_grid import cell_polygons as cell_polygons
from .surfaces import resident_surface as resident_surface
