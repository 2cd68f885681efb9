"""Parts of `bosoc.toml`: a class a table, with what its keys mean."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from geo_bosoc.indicators.executor import Executor
from geo_bosoc.indicators.map_classes import DEFAULT_CLASSES, DEFAULT_SCHEME, Colour, Scheme, ThemeClasses
from geo_bosoc.indicators.spec import REFERENCE_PATTERN
from geo_bosoc.memory import Memory
from geo_bosoc.problems.messages import phrase
from geo_bosoc.text.catalogue import Language

BoundaryRole = Literal["assessed", "outline", "context"]


class ProjectTable(BaseModel):
    """A table of the project file: frozen, and without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ProjectPart(ProjectTable):
    """`[project]`: whose project it is, the language of its output and where the output goes.

    Attributes
    ----------
    name : str
        Printed on everything. Example: ``name = "Vores kommune"``
    municipality : str or None
        The municipality's code: four digits, in quotes. Example: ``municipality = "0751"``
    language : {"da", "en"}
        Of labels, messages and the form of numbers.
    output : str
        The folder that a run writes to; the internal set goes beside it, to ``maps-internal``.
        Example: ``output = "maps"``
    made_up : bool
        Whether everything says that the data are made up.
    """

    name: str = Field(min_length=1)
    municipality: str | None = Field(default=None, pattern=r"^\d{4}$")
    language: Language = "da"
    output: str = "maps"
    made_up: bool = False


class BoundaryPart(ProjectTable):
    """`[boundaries.NAME]`: one layer of areas.

    The layer named ``areas`` is assessed, the one named ``municipality`` is the outline, others are context to draw:
    land, water, woods and roads quietly beneath the areas, and what has a label above them, for the reader of the map
    page to switch on and off. Everything becomes EPSG:25832. Broken polygons are repaired, which is told; areas may
    overlap.

    Attributes
    ----------
    path : str
        A GeoPackage, GeoJSON, Shapefile, GeoParquet or FlatGeobuf. Example: ``path = "data/boundaries/areas.gpkg"``
    layer : str or None
        The layer, where the file holds several. Example: ``layer = "boligomraader"``
    cell : str or None
        The column with ids of the Danish square grid (``100m_62236_5749``) of a table without coordinates: a CSV,
        workbook (`layer` is then the sheet) or Parquet file. Each of its cells is an area whose id is the cell's, and
        whose name is the id too where `name` is left out. Example: ``path = "celler.csv"`` ``cell = "KN100mDK"``
    id, name : str
        The columns with the area's number (numbers become text, leading zeros are kept) and its name.
        Example: ``id = "omr_nr"`` ``name = "omr_navn"``
    kind : str or None
        The column with the kind of area. Example: ``kind = "type"``
    where : str or None
        Only areas that meet this SQL condition. Example: ``where = "kind = 'almen'"``
    crs : str or None
        The coordinate system, where the file does not say it, or says it wrongly. Example: ``crs = "EPSG:25832"``
    not_person_numbers : tuple of str
        Columns whose ten-digit numbers are certainly no person numbers, such as those of production units.
        Example: ``not_person_numbers = ["p_nummer"]``
    role : {"assessed", "outline", "context"}
        What the layer is for, where its name does not say so.
    label_da, label_en : str
        What a layer of context is called on the map page, in Danish and in English; one of them is enough. It is drawn
        above the areas (points, lines or outlines) and can be switched on and off. With `name` each of its points and
        lines says its own. Example: ``label_da = "Skoler"`` ``label_en = "Schools"``
    show : bool
        Whether a layer with a label is drawn when the page opens.
    colour : str or None
        Of a layer with a label; left out, the page chooses. Example: ``colour = "#0b5394"``
    """

    path: str = Field(min_length=1)
    layer: str | None = None
    cell: str | None = None
    id: str = "area_id"
    name: str = "name"
    kind: str | None = None
    where: str | None = None
    crs: str | None = None
    not_person_numbers: tuple[str, ...] = ()
    role: BoundaryRole = "context"
    label_da: str = ""
    label_en: str = ""
    show: bool = True
    colour: Colour | None = None

    @model_validator(mode="after")
    def _label_fits(self) -> BoundaryPart:
        if self.has_label and self.role != "context":
            raise ValueError("a label goes with a layer of context, and these areas are drawn anyhow.")
        if not self.has_label and {"show", "colour"} & self.model_fields_set:
            raise ValueError(
                'show and colour go with a label, such as label_da = "Skoler": without one the layer is drawn quietly.'
            )
        return self

    @model_validator(mode="after")
    def _cells_fit(self) -> BoundaryPart:
        if self.cell is not None and {"id", "crs"} & self.model_fields_set:
            raise ValueError("cell says the ids and the coordinates of the areas: leave id and crs out.")
        return self

    @property
    def has_label(self) -> bool:
        return bool(self.label_da or self.label_en)

    @property
    def names(self) -> str | None:
        """The column with the names that a layer of context shows."""
        return self.name if self.has_label and "name" in self.model_fields_set else None

    @property
    def reading(self) -> dict[str, Any]:
        """How the file is read, whatever the layer is for."""
        return {name: getattr(self, name) for name in ("layer", "where", "crs", "not_person_numbers")}


class IndicatorsPart(ProjectTable):
    """`[indicators]`: which indicators are counted. One of the two keys is needed.

    Attributes
    ----------
    use : tuple of str
        Their ids, of those that ship or of `file`. Example: ``use = ["residents", "outside_labour_market"]``
    file : str or None
        A TOML file with the project's own; one with the id of a shipped indicator takes its place.
        Example: ``file = "indicators.toml"``
    """

    use: tuple[str, ...] = ()
    file: str | None = None


class ModelPart(ProjectTable):
    """`[model]` or `[[model]]`: a model that ships, or the project's own. Left out, the run maps indicators only.

    Attributes
    ----------
    id : str or None
        The id of a model that ships. Example: ``id = "aarhus-2018"``
    path : str or None
        A model file, instead of `id`. Example: ``path = "my_model.toml"``
    origin : bool
        Whether the model looks at residents' origin, where it does.
    history : str or None
        Earlier lists for "five years in a row": a CSV with area and year, or ``published``.
        Example: ``history = "published"``
    """

    id: str | None = None
    path: str | None = None
    origin: bool = True
    history: str | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> ModelPart:
        if (self.id is None) == (self.path is None):
            raise ValueError(
                'give either id = "aarhus-2018" (see "geo-bosoc models") or path = "my_model.toml".'
            )
        return self

    @property
    def source(self) -> str:
        return self.id or self.path or ""


class ReferencePart(ProjectTable):
    """`[reference]`: what the areas are compared with, and who the municipality's figure counts.

    Attributes
    ----------
    rows : {"register", "inside"}
        ``register``: every row of the register, placed or not. ``inside``: rows located inside the outline only.
    of : str
        What all indicators are compared with that say nothing else: ``@municipality`` (left out), ``@rest`` (the
        municipality less the area), ``@outside_areas`` (the municipality less all assessed areas), ``@areas``,
        ``@region``, ``@national``, ``@twins`` (the areas most alike in profile, as `[follow_up.twins]` says which), or
        ``@group:`` and the name of one of `[groups]`. Example: ``of = "@rest"``
    indicators : dict of str to str
        The same for single indicators. Example: ``indicators = { youth_crime = "@rest" }``
    table : str or None
        A table with figures of the region and the whole country: the columns reference, indicator, period, and
        numerator and denominator or value in the indicator's unit; source. Example: ``table = "data/references.csv"``
    """

    rows: Literal["register", "inside"] = "register"
    of: str = Field(default="", pattern=REFERENCE_PATTERN)
    indicators: dict[str, Annotated[str, Field(pattern=REFERENCE_PATTERN)]] = Field(default_factory=dict)
    table: str | None = None


class BackgroundPart(ProjectTable):
    """`[map.background]`: a picture beneath the map page, such as an aerial photograph or a plain map.

    It is cut to the municipality's outline (or the areas, where there is none) and a tenth around it, reprojected to
    web mercator and kept inside the page, which contacts no host. The reader switches it on and off and chooses how
    strongly it is drawn. What it became stands in ``run.json``.

    Attributes
    ----------
    path : str
        A GeoTIFF, PNG or JPEG with its world file, JPEG 2000, GeoPackage or a mosaic (VRT) of such files, in any
        coordinate system. Example: ``path = "data/ortofoto.tif"``
    attribution : str
        Who made it, as its terms ask for it; it stands on the map. Example: ``attribution = "Klimadatastyrelsen"``
    crs : str or None
        The coordinate system, where the file does not say it, or says it wrongly. Example: ``crs = "EPSG:25832"``
    budget : float
        What it may add to a page: quality and size are given up until it fits. Unit: MB.
    show : bool
        Whether it is drawn when the page opens.
    opacity : float
        How strongly it is drawn then: 1 is as it is, less is paler.
    """

    path: str = Field(min_length=1)
    attribution: str = Field(min_length=1)
    crs: str | None = None
    budget: float = Field(default=2.0, gt=0, le=20)
    show: bool = True
    opacity: float = Field(default=0.6, ge=0.1, le=1)


class MapPart(ProjectTable):
    """`[map]`: the classes of indicators on all maps: the map page, the GeoPackage and maps for paper.

    Classes are the same in every period, and are cut from what is published alone.

    Attributes
    ----------
    scheme : {"quantiles", "equal_interval", "fisher_jenks", "std_mean", "maximum_breaks"}
        How figures are cut into classes (a scheme of mapclassify), for indicators without a table of their own.
        Example: ``scheme = "fisher_jenks"``
    classes : int
        How many classes there are. Example: ``classes = 4``
    themes : dict of str to ThemeClasses
        The classes of single indicators, by id.
        Example: ``themes = { safety = { limits = [10, 20], colours = ["#edf8b1", "#7fcdbb", "#2c7fb8"] } }``
    background : BackgroundPart or None
        A picture beneath the map page.
    """

    scheme: Scheme = DEFAULT_SCHEME
    classes: int = Field(default=DEFAULT_CLASSES, ge=2, le=DEFAULT_CLASSES)
    themes: dict[str, ThemeClasses] = Field(default_factory=dict)
    background: BackgroundPart | None = None

    @model_validator(mode="after")
    def _themes_fit(self) -> MapPart:
        for name in self.themes:
            try:
                self.theme(name)
            except ValueError:
                raise ValueError(
                    phrase("{name}: the scheme has five classes, and needs as many colours.", name=name)
                ) from None
        return self

    def theme(self, indicator: str) -> ThemeClasses:
        """The classes of an indicator."""
        theme = self.themes.get(indicator, ThemeClasses())
        return theme.with_defaults(self.scheme, self.classes)


class RunPart(ProjectTable):
    """`[run]`: which periods, and where they are counted.

    Attributes
    ----------
    periods : tuple of str
        Years or quarters (``2024K1``). Left out: every period that the first register of persons or counts holds.
        Example: ``periods = ["2023", "2024"]``
    engine : {"local", "dask"}
        ``dask`` counts on the workers of a Dask cluster, with the same figures; needs ``geo-bosoc[dask]``.
    scheduler : str or None
        The cluster's address; left out: one worker a processor on this machine. Workers elsewhere must see the files
        under the same path, in Parquet. Example: ``engine = "dask"`` ``scheduler = "tcp://10.0.0.5:8786"``
    memory : str
        What reading and counting may take beside libraries, boundaries and addresses. Less takes more time, and gives
        the same figures. Unit: MB or GB. Example: ``memory = "800 MB"``
    """

    periods: tuple[str, ...] = ()
    engine: Literal["local", "dask"] = "local"
    scheduler: str | None = None
    memory: str = "1.5 GB"

    @model_validator(mode="after")
    def _fits(self) -> RunPart:
        Memory.of(self.memory)
        if self.scheduler is not None and self.engine != "dask":
            raise ValueError('a scheduler goes with engine = "dask".')
        return self

    @property
    def room(self) -> Memory:
        return Memory.of(self.memory)

    @property
    def where_counted(self) -> Executor:
        return Executor(self.engine, self.scheduler)


class ProtectPart(ProjectTable):
    """`[protect]`, the former name of `[disclosure]`; give that one.

    Attributes
    ----------
    minimum : int
        The least number of persons that is shown. Unit: persons.
    """

    minimum: int = Field(default=5, ge=3, le=100)


class PlacesPart(ProjectTable):
    """`[places]`: points where nobody lives, and addresses settled by hand.

    Attributes
    ----------
    not_homes : tuple of str
        Address ids or KVHX keys where nobody lives: the town hall, a shelter.
        Example: ``not_homes = ["0a3f50a0-0001"]``
    most_residents : int
        A point with more of them is taken for no home. Unit: persons.
    corrections : str or None
        A table with the columns from, to, initials and date. Example: ``corrections = "data/rettelser.csv"``
    """

    not_homes: tuple[str, ...] = ()
    most_residents: int = Field(default=500, ge=1, le=10_000_000)
    corrections: str | None = None


class HomeColumnPart(ProjectTable):
    """`[home_columns.NAME]`: a further column, of that name, of rows with a home: a distance, or a raster's value.

    Indicators count by it as by any other: ``mean_of = "to_school"``, ``where = "noise >= 58"``. A row without a place,
    or on a cell without data, has no value there, and is unknown.

    Attributes
    ----------
    layer : str or None
        A layer of ``[boundaries]``: the column is the distance from the home to the nearest of its shapes, in a
        straight line. Unit: metres. Example: ``layer = "schools"``
    raster : str or None
        A register with ``unit = "raster"``: the column is its value at the home, of the latest period that is not after
        the row's. Example: ``raster = "noise"``
    source : str
        Where the layer comes from, or the raster if its register does not say; outputs tell it.
        Example: ``source = "GeoDanmark, 2024"`` ``layer = "schools"``
    """

    layer: str | None = Field(default=None, min_length=1)
    raster: str | None = Field(default=None, min_length=1)
    source: str = ""

    @model_validator(mode="after")
    def _is_one_of_both(self) -> HomeColumnPart:
        if (self.layer is None) == (self.raster is None):
            raise ValueError(
                'give either layer = "schools" (how far it is) or raster = "noise" (its value at the home).'
            )
        return self
