// A symbol for each area that is too small to be seen: a circle in its class's fill that goes when one zooms in.
(function (bosoc) {
  "use strict";

  const { state } = bosoc;
  const SMALL = 8; // pixels: the side of a square as large as the area
  const APART = 6; // pixels between the middles of two symbols
  const CELL = 16; // pixels of the squares in which areas are counted
  // A mosaic is seen without symbols: areas that cover more than this of the squares round them, or that have more than
  // this of their outline in common with others.
  const FULL = 0.35;
  const LOOK = { pane: "symbols", radius: 5, color: "#33363b", weight: 1, fillOpacity: 1, className: "symbol" };
  let symbols = new Map(); // by area
  let renderer = null;

  // Numbers by squares of the screen, and those of a square and the eight round it.
  function squares(side) {
    const filled = new Map();
    const at = ({ x, y }) => [Math.floor(x / side), Math.floor(y / side)];
    return {
      put(point, value) {
        const key = at(point).join();
        filled.set(key, filled.get(key) || []);
        filled.get(key).push(value);
      },
      near(point) {
        const [column, row] = at(point);
        const steps = [-1, 0, 1];
        return steps.flatMap((i) => steps.flatMap((j) => filled.get(`${column + i},${row + j}`) || []));
      },
    };
  }

  // Whether areas share borders, by area; worked out once a unit.
  function shares(unit) {
    if (!unit.shares) {
      const uses = unit.borders.lines.map(() => 0);
      const lines = unit.areas.map(({ rings }) => rings.flat(2).map((each) => Math.max(each, ~each)));
      lines.flat().forEach((line) => { uses[line] += 1; });
      unit.shares = lines.map((own) => {
        const length = (list) => list.reduce((sum, line) => sum + unit.borders.lines[line].length, 0);
        return length(own.filter((line) => uses[line] > 1)) > FULL * length(own);
      });
    }
    return unit.shares;
  }

  // Where the areas lie on the screen that need a symbol at this zoom; worked out once a zoom.
  function small(unit) {
    const zoom = bosoc.map.getZoom();
    if (unit.small && unit.small.zoom === zoom) {
      return unit.small;
    }
    const inMosaic = shares(unit);
    const covered = squares(CELL);
    const points = new Map();
    let tiles = 0;
    for (const [index, { inside, size }] of unit.areas.entries()) {
      if (inside) {
        const metres = (156543.03 * Math.cos((inside[0] * Math.PI) / 180)) / 2 ** zoom;
        const point = bosoc.map.project(inside, zoom);
        const isSmall = Math.sqrt(size) < SMALL * metres;
        covered.put(point, size / metres ** 2);
        tiles += isSmall && inMosaic[index] ? 1 : 0;
        if (isSmall && !inMosaic[index]) {
          points.set(index, point);
        }
      }
    }
    for (const [index, point] of points) {
      if (covered.near(point).reduce((sum, each) => sum + each, 0) > FULL * (3 * CELL) ** 2) {
        points.delete(index);
      }
    }
    unit.small = { zoom, points, isMosaic: tiles > unit.areas.length / 2 };
    return unit.small;
  }

  // The areas that have a symbol. `order` has the worst first: where symbols would lie on each other, the worst area
  // has one.
  function chosen(order) {
    const { points, isMosaic } = small(bosoc.unit());
    bosoc.map.getContainer().classList.toggle("fine", isMosaic);
    const taken = squares(APART);
    return order.filter((index) => {
      const point = points.get(index);
      if (!point || taken.near(point).some((other) => other.distanceTo(point) < APART)) {
        return false;
      }
      taken.put(point, point);
      return true;
    });
  }

  function draw() {
    const { areas } = bosoc.unit();
    const shown = chosen(bosoc.order(bosoc.layer(), state.period));
    const stays = new Set(shown);
    for (const [index, symbol] of symbols) {
      if (!stays.has(index)) {
        bosoc.notArea(symbol);
        symbols.delete(index);
      }
    }
    for (const index of shown.reverse()) {
      if (!symbols.has(index)) {
        symbols.set(index, L.circleMarker(areas[index].inside, { ...LOOK, renderer, area: index }));
        bosoc.asArea(symbols.get(index));
      }
      bosoc.paint(symbols.get(index));
      symbols.get(index).bringToFront(); // the worst last
    }
    mark();
  }

  function mark() {
    for (const [index, symbol] of symbols) {
      const isChosen = index === state.area;
      if (isChosen !== symbol.getElement().classList.contains("chosen")) {
        bosoc.mark(symbol, isChosen);
      }
    }
  }

  bosoc.drawSymbols = () => {
    bosoc.map.createPane("symbols").style.zIndex = 450;
    renderer = L.svg({ pane: "symbols", padding: 0.6 });
    bosoc.map.on("zoomend", () => bosoc.data.units.length > 0 && draw());
    bosoc.onChange((changed) => {
      if (changed.has("unit")) {
        symbols.forEach(bosoc.notArea);
        symbols = new Map();
      }
      if (["unit", "layer", "period"].some((name) => changed.has(name))) {
        draw();
      } else if (changed.has("area")) {
        mark();
      }
    });
  };
})(window.geoBosoc);
