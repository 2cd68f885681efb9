// The fill of each class as an SVG pattern: its colour with lines or dots over it, so that it is told without colour;
// of a range between categories, slanting bands in the colours of each.
(function (bosoc) {
  "use strict";

  const { svg, data } = bosoc;
  const patternId = (unit, layer, index) => `class-${unit}-${layer}-${index}`;

  function bands(id, stripes) {
    const { colours, width, angle } = stripes;
    const size = colours.length * width;
    const node = svg("pattern", {
      id,
      width: size,
      height: size,
      patternUnits: "userSpaceOnUse",
      patternTransform: `rotate(${angle})`,
    });
    colours.forEach((fill, index) => {
      const x = index * width;
      // A band reaches a little under the next one and over the tile's ends, so that no seam shows.
      node.append(svg("rect", { x, y: -1, width: width + 1, height: size + 2, fill }));
      node.append(svg("path", { d: `M${x + 0.5} -1V${size + 1}`, stroke: "#2b2b2b", "stroke-width": 1 }));
    });
    return node;
  }

  function pattern(id, each) {
    if (each.stripes) {
      return bands(id, each.stripes);
    }
    const hatch = each.hatch;
    const size = hatch ? hatch.spacing : 8;
    const node = svg("pattern", {
      id,
      width: size,
      height: size,
      patternUnits: "userSpaceOnUse",
      patternTransform: hatch ? `rotate(${hatch.angle})` : null,
    });
    // A little larger than its tile, so that no seam shows between tiles.
    node.append(svg("rect", { x: -1, y: -1, width: size + 2, height: size + 2, fill: each.colour }));
    if (hatch && hatch.dots) {
      const middle = size / 2;
      node.append(svg("circle", { cx: middle, cy: middle, r: hatch.width / 2 + 0.3, fill: hatch.ink }));
    } else if (hatch) {
      const line = (x, y) =>
        svg("path", { d: `M0 0L${x} ${y}`, stroke: hatch.ink, "stroke-width": hatch.width, "stroke-opacity": 0.7 });
      node.append(line(0, size));
      if (hatch.cross) {
        node.append(line(size, 0));
      }
    }
    return node;
  }

  bosoc.makePatterns = () => {
    const defs = bosoc.byId("hatching").querySelector("defs");
    data.units.forEach((unit, of) => {
      unit.layers.forEach((layer, at) => {
        layer.classes.forEach((each, index) => defs.append(pattern(patternId(of, at, index), each)));
      });
    });
  };

  bosoc.classFill = (index, layer = bosoc.state.layer) => `url(#${patternId(bosoc.state.unit, layer, index)})`;

  // A small box in the class's fill, for lists and the legend; the word always stands beside it.
  bosoc.swatch = (index, layer = bosoc.state.layer) =>
    svg(
      "svg",
      { class: "swatch", width: 26, height: 18, "aria-hidden": "true", focusable: "false" },
      svg("rect", { x: 0.5, y: 0.5, width: 25, height: 17, rx: 2, fill: bosoc.classFill(index, layer), stroke: "#44474c" }),
    );
})(window.geoBosoc);
