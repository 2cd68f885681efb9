// Names on the map, as many as there is room for: the worst class first, then the largest area, those that are not
// assessed last. A name is whole, in several lines where it is long, and stands over nothing but its own area; where
// there is no room next to the area, a thin line leads to it.
(function (bosoc) {
  "use strict";

  const { el, svg, state } = bosoc;
  const LINE = 15; // pixels from line to line
  const MARGIN = 3;
  const SYMBOL = 6; // pixels from its middle to its edge
  const LONG = 15; // letters that stand in one line
  const MOST_LINES = 3;
  const LED = 80; // areas, the worst first, that a line may lead to
  const FAR = 25; // of them, those that it may lead to across other areas, or from far away
  const REACH = { near: 44, far: 130 }; // pixels that a line may be long
  const STEP = 8; // pixels between places that are tried
  const SIDES = [[0, 1], [0, -1], [1, 0], [-1, 0], [1, 1], [-1, 1], [1, -1], [-1, -1]];
  let pane = null;
  let lines = null;
  let pen = null;
  const labels = new Map(); // of each unit that has been shown
  const lattices = new Map();

  // A name in lines of like length, broken at spaces alone.
  function broken(name) {
    const words = name.split(/\s+/).filter(Boolean);
    const count = Math.min(MOST_LINES, words.length, Math.ceil(name.length / LONG));
    let best = null;
    const split = (from, left, done) => {
      if (left === 1) {
        const all = [...done, words.slice(from).join(" ")];
        const width = Math.max(...all.map((line) => line.length));
        if (best === null || width < best.width) {
          best = { width, all };
        }
        return;
      }
      for (let to = from + 1; to <= words.length - left + 1; to += 1) {
        split(to, left - 1, [...done, words.slice(from, to).join(" ")]);
      }
    };
    split(0, count, []);
    return best.all;
  }

  const laid = (all) => ({ all, half: [Math.max(...all.map((line) => pen.measureText(line).width)) / 2 + MARGIN, (all.length * LINE) / 2 + 1] });

  // The bounds of the part of an area that has the point inside.
  function mainPart(index) {
    const { bounds, rings, inside } = bosoc.unit().areas[index];
    if (rings.length < 2) {
      return L.latLngBounds(bounds);
    }
    const parts = bosoc.shapeOf(index).getLatLngs().map(([outer]) => L.latLngBounds(outer));
    return parts.find((part) => part.contains(inside)) || parts[0];
  }

  function labelsOf(unit) {
    if (!labels.has(unit)) {
      labels.set(unit, unit.areas.map(({ name, inside }, index) => {
        if (!inside || !name.trim()) {
          return null;
        }
        const forms = [broken(name)];
        if (forms[0].length > 1 && name.length < 30) {
          forms.push([name]);
        }
        return { index, forms: forms.map(laid), inside: L.latLng(inside), bounds: mainPart(index) };
      }));
    }
    return labels.get(unit);
  }

  // How early an area is named by its class: the less the earlier.
  function urgency(index) {
    const layer = bosoc.layer();
    const at = bosoc.classIndex(index);
    if (layer.classes[at].beside) {
      return Infinity;
    }
    return layer.ranks ? layer.ranks[at] : layer.reverse ? at : -at;
  }

  function inOrder() {
    const { areas } = bosoc.unit();
    const all = labelsOf(bosoc.unit()).filter((label) => label && bosoc.passes(label.index));
    const keys = new Map(all.map(({ index }) => [index, index === state.area ? -Infinity : urgency(index)]));
    const compare = (a, b) => (keys.get(a) < keys.get(b) ? -1 : keys.get(a) > keys.get(b) ? 1 : areas[b].size - areas[a].size);
    return all.map(({ index }) => index).sort(compare).map((index) => ({ ...labelsOf(bosoc.unit())[index], urgency: urgency(index) }));
  }

  const around = ([x, y], [width, height]) => [x - width, y - height, x + width, y + height];

  const gap = (point, box) => Math.hypot(...[0, 1].map((axis) => Math.max(0, box[axis] - point[axis], point[axis] - box[axis + 2])));

  // Places on a lattice round a point for a name of some size, those of the shortest lines first: ways from the point.
  function lattice(half, reach) {
    const size = half.map((each) => Math.ceil(each / STEP) * STEP);
    const key = [...size, reach].join();
    if (!lattices.has(key)) {
      const ways = [];
      const [across, up] = size.map((each) => Math.floor((each + reach) / STEP));
      for (let row = -up; row <= up; row += 1) {
        for (let column = -across; column <= across; column += 1) {
          const way = [column * STEP, row * STEP];
          ways.push({ way, far: gap([0, 0], around(way, size)) });
        }
      }
      lattices.set(key, ways.filter(({ far }) => far > STEP && far <= reach).sort((a, b) => a.far - b.far));
    }
    return lattices.get(key);
  }

  // A place inside the area, as near to its middle as there is room.
  function inside(label, squares, at, [left, top, right, bottom]) {
    const middle = [(left + right) / 2, (top + bottom) / 2];
    for (const form of [...label.forms].reverse()) {
      const reach = [(right - left) / 2 - form.half[0], (bottom - top) / 2 - form.half[1]];
      if (reach[0] >= 0 && reach[1] >= 0) {
        const steps = [0, 0.25, -0.25, 0.5, -0.5, 0.75, -0.75];
        const centres = steps.flatMap((y) => steps.map((x) => [middle[0] + x * reach[0], middle[1] + y * reach[1]]));
        const found = [at, ...centres]
          .map((centre) => ({ form, centre, box: around(centre, form.half) }))
          .find(({ box }) => squares.inSight(box) && squares.isWithin(box, label.index + 1));
        if (found) {
          return found;
        }
      }
    }
    return null;
  }

  // A place next to the area.
  function beside(label, squares, isFree, [left, top, right, bottom]) {
    const middle = [(left + right) / 2, (top + bottom) / 2];
    const size = [(right - left) / 2, (bottom - top) / 2];
    for (const form of label.forms) {
      for (const side of SIDES) {
        const slant = side[0] !== 0 && side[1] !== 0 ? 0.8 : 1;
        const centre = [0, 1].map((axis) => middle[axis] + side[axis] * slant * (size[axis] + form.half[axis]));
        const box = around(centre, form.half);
        if (isFree(box)) {
          return { form, centre, box };
        }
      }
    }
    return null;
  }

  // A place that a line leads to, and the line.
  function afar(label, squares, isFree, at, led) {
    const owner = label.index + 1;
    for (const overAreas of led === "far" ? [false, true] : [false]) {
      for (const form of label.forms) {
        for (const { way } of lattice(form.half, REACH[led])) {
          const centre = [at[0] + way[0], at[1] + way[1]];
          const box = around(centre, form.half);
          if (isFree(box)) {
            const from = [0, 1].map((axis) => Math.min(Math.max(at[axis], box[axis] + MARGIN), box[axis + 2] - MARGIN));
            const to = squares.lineTo(from, at, owner, overAreas);
            if (to) {
              return { form, centre, box, line: [from, to] };
            }
          }
        }
      }
    }
    return null;
  }

  function placeOf(label, squares, at, outline, led) {
    const isFree = (box) => squares.inSight(box) && squares.isFree(box, label.index + 1);
    return inside(label, squares, at, outline) || beside(label, squares, isFree, outline) || (led && afar(label, squares, isFree, at, led));
  }

  // The outline's box, or its symbol's where that is larger.
  function outlineOf({ bounds }, [x, y]) {
    const { map } = bosoc;
    const northWest = map.latLngToContainerPoint(bounds.getNorthWest());
    const southEast = map.latLngToContainerPoint(bounds.getSouthEast());
    return [Math.min(northWest.x, x - SYMBOL), Math.min(northWest.y, y - SYMBOL), Math.max(southEast.x, x + SYMBOL), Math.max(southEast.y, y + SYMBOL)];
  }

  // Lines that join the parts of areas, where the parts are seen apart, and those that lead from names.
  function drawLines(leaders) {
    const { map } = bosoc;
    const size = map.getSize();
    const corner = map.containerPointToLayerPoint([0, 0]);
    const path = (from, to) => `M${Math.round(from[0])} ${Math.round(from[1])}L${Math.round(to[0])} ${Math.round(to[1])}`;
    const text = leaders.map(([from, to]) => path(from, to)).join("");
    bosoc.fill(lines, svg("path", { d: text, class: "name-line-halo" }), svg("path", { d: text, class: "name-line" }));
    lines.setAttribute("width", size.x);
    lines.setAttribute("height", size.y);
    L.DomUtil.setPosition(lines, corner);
  }

  function place() {
    const { map } = bosoc;
    const window = L.bounds([0, 0], map.getSize());
    const squares = bosoc.takenSquares();
    const leaders = [];
    const nodes = [];
    let tried = 0;
    for (const label of inOrder()) {
      const point = map.latLngToContainerPoint(label.inside);
      if (!window.contains(point)) {
        continue;
      }
      const at = [point.x, point.y];
      const isLed = label.index === state.area || label.urgency < Infinity;
      const led = !isLed || tried >= LED ? "" : tried < FAR ? "far" : "near";
      const found = placeOf(label, squares, at, outlineOf(label, at), led);
      tried += 1;
      if (found) {
        squares.block(found.box);
        const { x, y } = map.containerPointToLayerPoint(found.centre);
        const node = el("div", { class: "area-label", "data-area": label.index, "aria-hidden": "true" }, ...found.form.all.map((line) => el("span", { class: "area-name" }, line)));
        node.style.left = `${Math.round(x)}px`;
        node.style.top = `${Math.round(y)}px`;
        nodes.push(node);
        if (found.line) {
          squares.blockLine(...found.line);
          leaders.push(found.line);
        }
      }
    }
    drawLines(leaders);
    bosoc.fill(pane, lines, ...nodes);
  }

  function placeNow() {
    if (bosoc.byId("show-names").checked && bosoc.data.units.length > 0) {
      place();
    }
  }

  let asked = false;
  // Names follow when the areas have been drawn.
  function placeSoon() {
    if (!asked) {
      asked = true;
      window.requestAnimationFrame(() => setTimeout(() => {
        asked = false;
        placeNow();
      }));
    }
  }

  bosoc.drawNames = () => {
    const { map } = bosoc;
    pane = map.createPane("names");
    pane.classList.add("leaflet-zoom-hide");
    pane.style.zIndex = 620;
    pane.style.pointerEvents = "none";
    lines = svg("svg", { class: "name-lines", "aria-hidden": "true", focusable: "false" });
    const style = window.getComputedStyle(pane.appendChild(el("span", { class: "area-name" })));
    pen = document.createElement("canvas").getContext("2d");
    pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const box = bosoc.byId("show-names");
    const show = () => {
      pane.style.display = box.checked ? "" : "none";
      placeSoon();
    };
    box.checked = true;
    box.addEventListener("change", show);
    map.on("zoomend moveend resize", () => {
      bosoc.forgetSquares();
      placeSoon();
    });
    window.addEventListener("beforeprint", () => {
      bosoc.forgetSquares();
      placeNow();
    });
    bosoc.onChange((changed) => (changed.size > 1 || !changed.has("language")) && placeSoon());
    bosoc.byId("controls").addEventListener("change", placeSoon); // layers switched on and off
  };
})(window.geoBosoc);
