// Where names can stand: which squares of the map's window are taken by areas, symbols, badges, buttons and other names.
(function (bosoc) {
  "use strict";

  const CELL = 4; // pixels
  const BLOCKED = -1; // by a name, a line, a badge or a button
  const SHARED = -2; // by several areas

  // The rings of a path as Leaflet writes it.
  const ringsOf = (text) =>
    text.split("M").slice(1).map((ring) => {
      const numbers = (ring.match(/-?\d+(?:\.\d+)?/g) || []).map(Number);
      return Array.from({ length: numbers.length >> 1 }, (_, at) => [numbers[2 * at], numbers[2 * at + 1]]);
    });

  let seen = { key: "", owners: null }; // the squares of the areas, for the part of the map that is in sight

  bosoc.forgetSquares = () => { seen = { key: "", owners: null }; };

  // The squares of the map's window, each with the area that has it: its index + 1; 0 where it is free.
  bosoc.takenSquares = () => {
    const { map } = bosoc;
    const size = map.getSize();
    const corner = map.layerPointToContainerPoint([0, 0]);
    const columns = Math.ceil(size.x / CELL);
    const rows = Math.ceil(size.y / CELL);
    let owners = new Int32Array(columns * rows);

    function put(column, row, owner) {
      if (column >= 0 && column < columns && row >= 0 && row < rows) {
        const at = row * columns + column;
        owners[at] = owners[at] === 0 || owners[at] === owner ? owner : SHARED;
      }
    }
    const each = ([left, top, right, bottom], visit) => {
      const [first, last] = [Math.max(0, Math.floor(left / CELL)), Math.min(columns - 1, Math.floor(right / CELL))];
      const end = Math.min(rows - 1, Math.floor(bottom / CELL));
      for (let row = Math.max(0, Math.floor(top / CELL)); row <= end; row += 1) {
        for (let column = first; column <= last; column += 1) {
          if (!visit(owners[row * columns + column], column, row)) {
            return false;
          }
        }
      }
      return true;
    };
    const along = ([fromX, fromY], [toX, toY], visit) => {
      const steps = Math.max(1, Math.ceil(Math.hypot(toX - fromX, toY - fromY) / CELL));
      for (let step = 0; step <= steps; step += 1) {
        visit(Math.floor((fromX + ((toX - fromX) * step) / steps) / CELL), Math.floor((fromY + ((toY - fromY) * step) / steps) / CELL));
      }
    };

    // The squares that an outline goes through, and those within it.
    function putShape(text, owner) {
      const crossings = new Map();
      for (const ring of ringsOf(text)) {
        ring.forEach(([x, y], at) => {
          const from = [x + corner.x, y + corner.y];
          const next = ring[(at + 1) % ring.length];
          const to = [next[0] + corner.x, next[1] + corner.y];
          along(from, to, (column, row) => put(column, row, owner));
          const [high, low] = from[1] < to[1] ? [from, to] : [to, from];
          const end = Math.min(rows * CELL, low[1]);
          for (let row = Math.max(0, Math.ceil(high[1] / CELL - 0.5)); (row + 0.5) * CELL < end; row += 1) {
            const across = high[0] + ((low[0] - high[0]) * ((row + 0.5) * CELL - high[1])) / (low[1] - high[1]);
            crossings.set(row, [...(crossings.get(row) || []), across]);
          }
        });
      }
      for (const [row, all] of crossings) {
        all.sort((a, b) => a - b);
        for (let at = 0; at + 1 < all.length; at += 2) {
          const end = Math.min(columns - 1, Math.floor(all[at + 1] / CELL));
          for (let column = Math.max(0, Math.floor(all[at] / CELL)); column <= end; column += 1) {
            put(column, row, owner);
          }
        }
      }
    }

    function block(box) {
      each(box, (_, column, row) => {
        owners[row * columns + column] = BLOCKED;
        return true;
      });
    }

    function putAreas() {
      const key = [bosoc.state.unit, map.getZoom(), map.getCenter()].join();
      if (seen.key !== key) {
        for (const path of map.getContainer().querySelectorAll("path.area")) {
          putShape(path.getAttribute("d") || "", Number(path.dataset.area) + 1);
        }
        seen = { key, owners };
      }
      owners = seen.owners.slice();
    }

    function putSymbols() {
      for (const path of map.getContainer().querySelectorAll("path.symbol")) {
        const circle = /^M(-?[\d.]+)[ ,](-?[\d.]+)a([\d.]+)/.exec(path.getAttribute("d") || "");
        if (circle) {
          const radius = Number(circle[3]);
          const [x, y] = [Number(circle[1]) + radius + corner.x, Number(circle[2]) + corner.y];
          each([x - radius, y - radius, x + radius, y + radius], (_, column, row) => {
            put(column, row, Number(path.dataset.area) + 1);
            return true;
          });
        }
      }
    }

    putAreas();
    putSymbols();
    const frame = map.getContainer().getBoundingClientRect();
    for (const node of map.getContainer().parentElement.querySelectorAll(".leaflet-control, .leaflet-marker-icon, .caption")) {
      const { left, top, right, bottom, width } = node.getBoundingClientRect();
      if (width > 0) {
        block([left - frame.left - 4, top - frame.top - 4, right - frame.left + 4, bottom - frame.top + 4]);
      }
    }

    return {
      block,
      blockLine: (from, to) => along(from, to, (column, row) => block([column * CELL, row * CELL, column * CELL, row * CELL])),
      inSight: ([left, top, right, bottom]) => left >= 0 && top >= 0 && right <= size.x && bottom <= size.y,
      // Nothing but the area's own squares.
      isWithin: (box, owner) => each(box, (found) => found === owner),
      // No square of others.
      isFree: (box, owner) => each(box, (found) => found === 0 || found === owner),
      // Where a line from a name ends at its area; null where it would go over something that it must not.
      lineTo([fromX, fromY], [toX, toY], owner, overAreas) {
        const steps = Math.max(1, Math.ceil(Math.hypot(toX - fromX, toY - fromY) / (CELL / 2)));
        for (let step = 0; step < steps; step += 1) {
          const [x, y] = [fromX + ((toX - fromX) * step) / steps, fromY + ((toY - fromY) * step) / steps];
          const found = owners[Math.floor(y / CELL) * columns + Math.floor(x / CELL)];
          if (found === owner) {
            return [x, y];
          }
          if (found === BLOCKED || (found !== 0 && !overAreas)) {
            return null;
          }
        }
        return [toX, toY];
      },
    };
  };
})(window.geoBosoc);
