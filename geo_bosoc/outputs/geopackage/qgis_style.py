"""QGIS styles (QML) of a GeoPackage's layers, and of rasters: the same classes, colours, hatching and words as the risk
map's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from geo_bosoc.text.colours import STRIPE, STRIPE_ANGLE, Fill, Hatch

VERSION: Final = "3.22.0"
"""The QGIS whose style format this is; later ones read it as well."""
MM: Final = 25.4 / 96
"""Millimetres in a pixel of the screen map."""
NAMES_FROM: Final = "30000"
"""The smallest scale (1 to so many) at which names are drawn."""
_EDGE: Final = "#3a3a3a"
_INK: Final = "#1f1f1f"


@dataclass(frozen=True)
class StyleClass:
    """A class of a style: what a feature must be to belong to it, its word in the legend, and its fill.

    `test` is the value of the style's column (categories) or an expression in QGIS's language (rules).
    """

    test: str
    label: str
    fill: Fill


def categories_style(
    column: str, classes: Sequence[StyleClass], aliases: Mapping[str, str], label: str = "name"
) -> str:
    """A style that draws each value of `column` as its class.

    Parameters
    ----------
    column : str
        The column of categories, or an expression in QGIS's language.
    classes : sequence of StyleClass
        In the order of the legend.
    aliases : mapping of str to str
        What columns are called in tables and forms, in the columns' order.
    label : str, optional
        The column whose text stands on the areas.

    Returns
    -------
    str
        The QML text; the same input gives the same text.
    """
    renderer = Element(
        "renderer-v2", type="categorizedSymbol", attr=column, symbollevels="0", forceraster="0"
    )
    categories = SubElement(renderer, "categories")
    for number, each in enumerate(classes):
        SubElement(
            categories, "category", value=each.test, symbol=str(number), label=each.label, render="true"
        )
    return _document(renderer, classes, aliases, label)


def rules_style(classes: Sequence[StyleClass], aliases: Mapping[str, str], label: str = "name") -> str:
    """A style that draws a feature as the class whose expression it meets; so areas without a figure are
    drawn too.

    Parameters and result as in `categories_style`.
    """
    renderer = Element("renderer-v2", type="RuleRenderer", symbollevels="0", forceraster="0")
    rules = SubElement(renderer, "rules", key="{rules}")
    for number, each in enumerate(classes):
        SubElement(
            rules, "rule", key=f"{{rule-{number}}}", filter=each.test, symbol=str(number), label=each.label
        )
    return _document(renderer, classes, aliases, label)


def line_style(colour: str, dashed: bool, word: str, aliases: Mapping[str, str], label: str = "name") -> str:
    """A style that draws every feature as its outline alone, so that what lies beneath is seen.

    Parameters
    ----------
    colour : str
        ``#rrggbb`` of the line.
    dashed : bool
        Whether the line is dashed.
    word : str
        The word in the legend.
    aliases : mapping of str to str
        What columns are called in tables and forms, in the columns' order.
    label : str, optional
        The column whose text stands on the areas.
    """
    renderer = Element("renderer-v2", type="RuleRenderer", symbollevels="0", forceraster="0")
    rules = SubElement(renderer, "rules", key="{rules}")
    SubElement(rules, "rule", key="{rule-0}", filter="TRUE", symbol="0", label=word)
    symbols = SubElement(renderer, "symbols")
    symbol = SubElement(
        symbols, "symbol", name="0", type="fill", alpha="1", clip_to_extent="1", force_rhr="0"
    )
    line = {"style": "no", "outline_color": _rgba(colour), "outline_style": "dash" if dashed else "solid",
            "outline_width": "0.7", "outline_width_unit": "MM", "joinstyle": "round"}  # fmt: skip
    symbol.append(_layer("SimpleFill", line))
    return _finished(renderer, aliases, label)


def raster_style(classes: Sequence[StyleClass], least: float, most: float, comment: str = "") -> str:
    """A style that draws the cells of a raster's first band in the colours of classes of their figures.

    Parameters
    ----------
    classes : sequence of StyleClass
        From the lowest figures to the highest; `test` is the highest figure of the class, ``inf`` for the last.
    least, most : float
        The figures that there are.
    comment : str, optional
        What the file says of itself.

    Returns
    -------
    str
        The QML text; the same input gives the same text.
    """
    root = Element("qgis", version=VERSION, styleCategories="Symbology")
    if comment:
        root.append(ElementTree.Comment(f" {comment.replace('--', '–')} "))
    pipe = SubElement(root, "pipe")
    SubElement(
        SubElement(pipe, "provider"), "resampling", enabled="false", maxOversampling="2",
        zoomedInResamplingMethod="nearestNeighbour", zoomedOutResamplingMethod="nearestNeighbour",
    )  # fmt: skip
    ends = [f"{least:.9g}", f"{most:.9g}"]
    renderer = SubElement(
        pipe, "rasterrenderer", type="singlebandpseudocolor", band="1", opacity="1", alphaBand="-1", nodataColor="",
        classificationMin=ends[0], classificationMax=ends[1],
    )  # fmt: skip
    SubElement(renderer, "rasterTransparency")
    shader = SubElement(
        SubElement(renderer, "rastershader"), "colorrampshader", colorRampType="DISCRETE", classificationMode="1",
        clip="0", minimumValue=ends[0], maximumValue=ends[1], labelPrecision="4",
    )  # fmt: skip
    for each in classes:
        SubElement(shader, "item", value=each.test, label=each.label, color=each.fill.colour, alpha="255")
    ElementTree.indent(root, " ")
    body = ElementTree.tostring(root, encoding="unicode")
    return f"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n{body}\n"


def _document(
    renderer: Element, classes: Sequence[StyleClass], aliases: Mapping[str, str], label: str
) -> str:
    symbols = SubElement(renderer, "symbols")
    for number, each in enumerate(classes):
        symbols.append(_fill_symbol(str(number), each.fill))
    return _finished(renderer, aliases, label)


def _finished(renderer: Element, aliases: Mapping[str, str], label: str) -> str:
    """The text of a style with its renderer, the areas' names and the columns' words."""
    root = Element(
        "qgis", version=VERSION, styleCategories="Symbology|Labeling|Fields|MapTips", labelsEnabled="1"
    )
    root.append(renderer)
    root.append(_labeling(label))
    named = SubElement(root, "aliases")
    for index, (field, alias) in enumerate(aliases.items()):
        SubElement(named, "alias", index=str(index), field=field, name=alias)
    SubElement(root, "previewExpression").text = f'"{label}"'
    SubElement(root, "layerGeometryType").text = "2"
    ElementTree.indent(root, " ")
    body = ElementTree.tostring(root, encoding="unicode")
    return f"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n{body}\n"


def _fill_symbol(name: str, fill: Fill) -> Element:
    """An area's colour with its edge, and the hatching over it."""
    symbol = Element("symbol", name=name, type="fill", alpha="1", clip_to_extent="1", force_rhr="0")
    symbol.append(
        _layer(
            "SimpleFill",
            {
                "color": _rgba(fill.colour),
                "style": "solid",
                "outline_color": _rgba(_EDGE),
                "outline_style": "solid",
                "outline_width": "0.3",
                "outline_width_unit": "MM",
                "joinstyle": "round",
            },
        )
    )
    symbol.extend(_stripes(name, fill.stripes))
    if fill.hatch is not None:
        symbol.extend(_hatching(name, fill.hatch, fill.ink))
    return symbol


def _stripes(symbol: str, colours: Sequence[str]) -> list[Element]:
    """Bands of the further colours over the first one, and a thin line where one band meets the next."""
    bands = [
        (_rgba(colour), len(colours) * STRIPE, STRIPE, number * STRIPE)
        for number, colour in enumerate(colours[1:], start=1)
    ]
    edges = [(_rgba(_EDGE), STRIPE, 1.0, STRIPE / 2)] if bands else []
    patterns = []
    for number, (colour, distance, width, offset) in enumerate([*bands, *edges], start=1):
        pattern = _layer(
            "LinePatternFill",
            {
                "angle": f"{90 - STRIPE_ANGLE:g}",
                "distance": _mm(distance),
                "distance_unit": "MM",
                "offset": _mm(offset),
                "offset_unit": "MM",
                "line_width": _mm(width),
                "line_width_unit": "MM",
                "color": colour,
            },
        )
        line = _layer(
            "SimpleLine",
            {"line_color": colour, "line_width": _mm(width), "line_width_unit": "MM", "line_style": "solid"},
        )
        patterns.append(_with_symbol(pattern, f"@{symbol}@{number}", "line", line))
    return patterns


def _hatching(symbol: str, hatch: Hatch, ink: str) -> list[Element]:
    """Lines or dots over a colour. QGIS turns counter-clockwise from level, a `Hatch` clockwise from
    upright."""
    spacing, width = _mm(hatch.spacing), _mm(hatch.width)
    if hatch.dots:
        pattern = _layer(
            "PointPatternFill",
            {
                "distance_x": spacing,
                "distance_x_unit": "MM",
                "distance_y": spacing,
                "distance_y_unit": "MM",
                "displacement_x": _mm(hatch.spacing / 2),
                "displacement_x_unit": "MM",
            },
        )
        marker = _layer(
            "SimpleMarker",
            {"name": "circle", "color": _rgba(ink), "outline_style": "no", "size": width, "size_unit": "MM"},
        )
        return [_with_symbol(pattern, f"@{symbol}@1", "marker", marker)]
    patterns = []
    for number, turn in enumerate((0.0, 90.0) if hatch.cross else (0.0,), start=1):
        angle = (90.0 - hatch.angle + turn) % 180.0
        pattern = _layer(
            "LinePatternFill",
            {
                "angle": f"{angle:g}",
                "distance": spacing,
                "distance_unit": "MM",
                "line_width": width,
                "line_width_unit": "MM",
                "color": _rgba(ink),
            },
        )
        line = _layer(
            "SimpleLine",
            {"line_color": _rgba(ink), "line_width": width, "line_width_unit": "MM", "line_style": "solid"},
        )
        patterns.append(_with_symbol(pattern, f"@{symbol}@{number}", "line", line))
    return patterns


def _with_symbol(pattern: Element, name: str, kind: str, layer: Element) -> Element:
    """A pattern that draws `layer` as its sign."""
    sign = SubElement(pattern, "symbol", name=name, type=kind, alpha="1", clip_to_extent="1", force_rhr="0")
    sign.append(layer)
    return pattern


def _layer(kind: str, properties: Mapping[str, str]) -> Element:
    """A symbol layer; its properties in the form of QGIS 3.22 and later, and in that of earlier ones."""
    layer = Element("layer", {"class": kind, "enabled": "1", "locked": "0", "pass": "0"})
    options = SubElement(layer, "Option", type="Map")
    for name, value in properties.items():
        SubElement(options, "Option", name=name, type="QString", value=value)
    for name, value in properties.items():
        SubElement(layer, "prop", k=name, v=value)
    return layer


def _labeling(field: str) -> Element:
    """The areas' names, dark with a light rim, when the map is near enough for names not to cover areas."""
    labeling = Element("labeling", type="simple")
    settings = SubElement(labeling, "settings", calloutType="simple")
    style = SubElement(
        settings, "text-style", fieldName=field, isExpression="0", fontSize="9", fontWeight="75",
        fontSizeUnit="Point", textColor=_rgba(_INK), textOpacity="1", multilineHeight="1",
    )  # fmt: skip
    SubElement(
        style, "text-buffer", bufferDraw="1", bufferSize="1", bufferSizeUnits="MM", bufferOpacity="1",
        bufferColor="255,255,255,255", bufferJoinStyle="128", bufferNoFill="1",
    )  # fmt: skip
    SubElement(
        settings, "placement", placement="1", centroidInside="1", centroidWhole="1", polygonPlacementFlags="2"
    )
    SubElement(
        settings,
        "rendering",
        drawLabels="1",
        obstacle="0",
        displayAll="0",
        scaleVisibility="1",
        scaleMin="0",
        scaleMax=NAMES_FROM,
    )
    return labeling


def _rgba(colour: str) -> str:
    """``#rrggbb`` as QGIS writes it.

    >>> _rgba("#b2182b")
    '178,24,43,255'
    """
    return ",".join(str(int(colour[start : start + 2], 16)) for start in (1, 3, 5)) + ",255"


def _mm(pixels: float) -> str:
    return f"{pixels * MM:.3f}"
