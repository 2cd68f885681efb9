// Areas that lie in several parts: a dashed line joins each part to the nearest one, where they are seen apart.
(function (bosoc) {
  "use strict";

  const APART = 10; // pixels between parts that are joined
  const LOOK = { pane: "joins", color: "#33363b", weight: 1.2, opacity: 0.9, dashArray: "2 3", interactive: false, className: "join" };
  const SAMPLE = 24; // vertices of a part that are tried
  const joins = new Map(); // of each unit that has been shown
  let renderer = null;
  let drawn = [];

  const thinned = (ring) => ring.filter((_, at) => at % Math.ceil(ring.length / SAMPLE) === 0).map((place) => [place, L.CRS.EPSG3857.latLngToPoint(place, 20)]);

  function nearest(one, other) {
    let best = { distance: Infinity };
    for (const [from, a] of one) {
      for (const [to, b] of other) {
        const distance = Math.hypot(a.x - b.x, a.y - b.y);
        if (distance < best.distance) {
          best = { distance, from, to };
        }
      }
    }
    return best;
  }

  // The shortest ways that join all parts: `from`, `to`, and the distance in pixels at zoom 20.
  function joined(polygons) {
    const parts = polygons.map(([outer]) => thinned(outer));
    const ways = [];
    let open = parts.slice(1).map((part) => ({ part, best: nearest(parts[0], part) }));
    while (open.length > 0) {
      const next = open.reduce((a, b) => (b.best.distance < a.best.distance ? b : a));
      ways.push(next.best);
      open = open.filter((each) => each !== next).map(({ part, best }) => {
        const other = nearest(next.part, part);
        return { part, best: other.distance < best.distance ? other : best };
      });
    }
    return ways;
  }

  function joinsOf(unit) {
    if (!joins.has(unit)) {
      joins.set(unit, unit.areas.flatMap(({ rings }, area) =>
        rings.length > 1 ? joined(bosoc.shapeOf(area).getLatLngs()).map((way) => ({ ...way, area })) : []));
    }
    return joins.get(unit);
  }

  function draw() {
    drawn.forEach((line) => line.remove());
    const scale = 2 ** (bosoc.map.getZoom() - 20);
    drawn = joinsOf(bosoc.unit())
      .filter(({ distance, area }) => distance * scale > APART && bosoc.passes(area))
      .map(({ from, to }) => L.polyline([from, to], { ...LOOK, renderer }).addTo(bosoc.map));
  }

  bosoc.drawParts = () => {
    bosoc.map.createPane("joins").style.zIndex = 390;
    renderer = L.svg({ pane: "joins", padding: 0.6 });
    bosoc.map.on("zoomend", () => bosoc.data.units.length > 0 && draw());
    bosoc.onChange((changed) => ["unit", "only", "shift"].some((name) => changed.has(name)) && draw());
  };
})(window.geoBosoc);
