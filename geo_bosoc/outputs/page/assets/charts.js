// Lines over the periods: what a chart is drawn with, as wide as there is room, and a table of the same for who hears it.
(function (bosoc) {
  "use strict";

  const { el, svg, state } = bosoc;
  const HEIGHT = 200;
  const LETTER = 6.4; // the width of a letter of 11 px
  const TOP = 6;
  const BOTTOM = 20;

  const real = (each) => each !== null && each !== undefined;
  bosoc.unscaled = (indicator, whole) => (real(whole) ? whole / 10 ** indicator.decimals : null);

  // A drawing as wide as where it stands, drawn anew when that changes; what is folded away is not drawn.
  const drawings = new WeakMap();
  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const width = Math.round(target.clientWidth);
      const drawing = drawings.get(target);
      if (!target.isConnected) {
        observer.unobserve(target);
      } else if (width > 0 && drawing.width !== width) {
        drawing.width = width;
        bosoc.fill(target, ...drawing.draw(width));
      }
    }
  });
  bosoc.fitted = (height, draw) => {
    const holder = el("div", { class: "chart", style: `height:${height}px` });
    drawings.set(holder, { draw, width: 0 });
    observer.observe(holder);
    return holder;
  };

  // Runs of periods that follow each other with a figure each, broken where a definition begins anew.
  bosoc.runs = (values, breaks = []) => {
    const runs = [];
    let run = null;
    values.forEach((value, place) => {
      if (!real(value)) {
        run = null;
        return;
      }
      if (run === null || breaks.includes(place)) {
        run = [];
        runs.push(run);
      }
      run.push(place);
    });
    return runs;
  };

  // From 0 where that leaves the lines room, and a little more than the highest.
  bosoc.span = (values) => {
    const shown = values.filter(real);
    let low = Math.min(...shown);
    let high = Math.max(...shown);
    if (low >= 0 && low < 0.6 * high) {
      low = 0;
    }
    const room = 0.06 * (high - low) || Math.abs(high) * 0.1 || 1;
    low = low === 0 ? 0 : Math.max(low - room, low > 0 ? 0 : -Infinity);
    return [low, high + room];
  };

  // Round numbers between two ends, three to five of them.
  function ticks(low, high) {
    const rough = (high - low) / 4;
    const tens = 10 ** Math.floor(Math.log10(rough));
    const step = tens * [1, 2, 2.5, 5, 10].find((each) => each * tens >= rough);
    const list = [];
    for (let place = Math.ceil(low / step - 1e-9); place * step <= high + 1e-9; place += 1) {
      list.push(place * step);
    }
    const decimals = [0, 1, 2].find((each) => list.every((tick) => Math.abs(tick - Number(tick.toFixed(each))) < 1e-9));
    return { list, decimals: decimals === undefined ? 2 : decimals };
  }

  const text = (x, y, anchor, kind, words) => svg("text", { x, y, "text-anchor": anchor, class: kind }, words);
  const path = (points, kind) => svg("path", { d: `M${points.map((each) => each.join(" ")).join("L")}`, class: kind });
  const shortened = (label, room) => {
    const most = Math.floor(room / LETTER);
    return label.length <= most ? label : `${label.slice(0, Math.max(most - 1, 1))}…`;
  };
  bosoc.letters = (labels, most) => Math.min(most, Math.max(0, ...labels.map((label) => label.length * LETTER)) + 10);

  // The frame of a chart: the numbers to the left, the periods below, the chosen one marked; and where things lie in it.
  bosoc.frame = ({ width, span, marks = null, suffix = "", right = 8, height = HEIGHT, above = 0 }) => {
    const top = TOP + above;
    const periods = bosoc.unit().periods;
    const [low, high] = span;
    const { list, decimals } = marks ? { list: marks, decimals: 0 } : ticks(low, high);
    const numbers = list.map((tick) => bosoc.number(tick, marks && !Number.isInteger(tick) ? 1 : decimals) + suffix);
    const left = bosoc.letters(numbers, 80);
    const step = (width - left - right) / periods.length;
    const x = (place) => left + step * (place + 0.5);
    const y = (value) => top + ((high - value) / (high - low)) * (height - top - BOTTOM);
    const node = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true", focusable: "false" });
    const ground = svg("g", {});
    node.append(ground);
    ground.append(svg("rect", { x: x(state.period) - step / 2, y: top, width: step, height: height - top - BOTTOM, class: "chart-now" }));
    list.forEach((tick, index) => {
      node.append(path([[left, y(tick)], [width - right, y(tick)]], tick === 0 ? "chart-zero" : "chart-grid"));
      node.append(text(left - 6, y(tick) + 4, "end", "chart-number", numbers[index]));
    });
    named(periods, step).forEach((place) =>
      node.append(text(x(place), height - 5, "middle", place === state.period ? "chart-period now" : "chart-period", periods[place])));
    return { node, ground, x, y, step, left, end: width - right, height, top, bottom: height - BOTTOM };
  };

  // The periods whose names have room: every one, or every second, third ...; the chosen one always.
  function named(periods, step) {
    const needed = Math.max(...periods.map((period) => period.length)) * LETTER + 6;
    const every = Math.ceil(needed / step);
    return periods.map((_, place) => place).filter((place) =>
      place === state.period || ((periods.length - 1 - place) % every === 0 && Math.abs(place - state.period) >= every));
  }

  // A line through the figures of each run; one that stands alone is a short stroke, or left to its dot.
  bosoc.line = (frame, values, kind, { breaks = [], dotted = false } = {}) => {
    for (const run of bosoc.runs(values, breaks)) {
      const points = run.map((place) => [frame.x(place), frame.y(values[place])]);
      const [[x, y]] = points;
      if (points.length > 1 || !dotted) {
        frame.node.append(path(points.length > 1 ? points : [[x - 7, y], [x + 7, y]], kind));
      }
    }
  };
  bosoc.dots = (frame, values, kind) => {
    values.forEach((value, place) => {
      if (real(value)) {
        frame.node.append(svg("circle", { cx: frame.x(place), cy: frame.y(value), r: place === state.period ? 5 : 3.2, class: kind }));
      }
    });
  };

  // The interval of each figure as a band along the line; of a figure that stands alone as a bar.
  bosoc.band = (frame, lows, highs, kind, breaks) => {
    const both = lows.map((low, place) => (real(low) && real(highs[place]) ? low : null));
    for (const run of bosoc.runs(both, breaks)) {
      if (run.length === 1) {
        bosoc.bar(frame, run[0], lows[run[0]], highs[run[0]], kind);
        continue;
      }
      const upper = run.map((place) => [frame.x(place), frame.y(highs[place])]);
      const lower = run.map((place) => [frame.x(place), frame.y(lows[place])]).reverse();
      frame.node.append(path([...upper, ...lower, upper[0]], kind));
    }
  };
  bosoc.bar = (frame, place, low, high, kind) =>
    frame.node.append(svg("rect", { x: frame.x(place) - 4, y: frame.y(high), width: 8, height: Math.max(frame.y(low) - frame.y(high), 2), class: kind }));

  // A word where a run of periods has no figure, so that the gap in the line says why.
  bosoc.gap = (frame, first, last, words) => {
    const wide = words.length * LETTER + 4 <= frame.step * (last - first + 1);
    const [x, y] = [(frame.x(first) + frame.x(last)) / 2, frame.bottom - 6];
    const left = frame.x(first) - frame.step / 2 + 1;
    frame.node.append(svg("rect", {
      x: left, y: frame.top, width: Math.max(frame.step * (last - first + 1) - 2, 1), height: frame.bottom - frame.top, class: "chart-gap",
    }));
    frame.node.append(
      wide
        ? text(x, y, "middle", "chart-hidden", words)
        : svg("text", { transform: `translate(${x + 4} ${y}) rotate(-90)`, class: "chart-hidden" }, words),
    );
  };

  // Another definition begins between two periods.
  bosoc.newDefinition = (frame, place, words) => {
    const x = frame.x(place) - frame.step / 2;
    const ahead = x < (frame.left + frame.end) / 2;
    frame.node.append(path([[x, frame.top - 6], [x, frame.bottom]], "chart-break"));
    frame.node.append(text(ahead ? x + 4 : x - 4, frame.top - 4, ahead ? "start" : "end", "chart-note", words));
  };

  // A line that lies elsewhere in each period: a step a period, as far as it is inside the frame.
  bosoc.steps = (frame, values, kind) => {
    for (const run of bosoc.runs(values)) {
      const points = run.flatMap((place) => {
        const y = Math.min(Math.max(frame.y(values[place]), frame.top - 1), frame.bottom + 1);
        return [[frame.x(place) - frame.step / 2, y], [frame.x(place) + frame.step / 2, y]];
      });
      frame.node.append(path(points, kind));
    }
  };

  // Words to the right of what they name, none over another.
  bosoc.endNames = (frame, names, room) => {
    let last = -Infinity;
    for (const { y, label } of [...names].sort((a, b) => a.y - b.y)) {
      const place = Math.max(y, last + 12, frame.top + 4);
      if (place <= frame.bottom + 6) {
        frame.node.append(svg("text", { x: frame.end + 4, y: place + 4, class: "chart-note" }, shortened(label, room - 6), svg("title", {}, label)));
        last = place;
      }
    }
  };

  // What a period's figures are, for who points at it; pressing chooses the period, as its button does.
  bosoc.columns = (frame, told) => {
    told.forEach((lines, place) =>
      frame.node.append(
        svg(
          "rect",
          {
            x: frame.x(place) - frame.step / 2, y: frame.top, width: frame.step, height: frame.height - frame.top,
            class: "chart-column", "data-period": place, onclick: () => bosoc.change({ period: place }),
          },
          svg("title", {}, lines.join("\n")),
        ),
      ));
  };

  // The same figures as a table, for screen readers: rows are periods.
  bosoc.chartTable = (caption, heads, rows) =>
    el(
      "div",
      { class: "visually-hidden" },
      el(
        "table",
        {},
        el("caption", {}, caption),
        el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { scope: "col" }, head)))),
        el("tbody", {}, ...rows.map(([period, ...cells]) =>
          el("tr", {}, el("th", { scope: "row" }, period), ...cells.map((cell) => el("td", {}, cell))))),
      ),
    );

  // A small line without numbers, stretched to its place: the area's, and what it is compared with.
  bosoc.spark = (values, reference, breaks, hidden) => {
    const [low, high] = bosoc.span([...values, ...reference]);
    const frame = {
      node: svg("svg", { class: "spark", viewBox: `0 0 ${values.length} 100`, preserveAspectRatio: "none", "aria-hidden": "true", focusable: "false" }),
      x: (place) => place + 0.5,
      y: (value) => 8 + ((high - value) / (high - low)) * 84,
    };
    const point = (place, value, kind) => frame.node.append(path([[frame.x(place), frame.y(value)], [frame.x(place), frame.y(value)]], kind));
    hidden.forEach((place) => frame.node.append(svg("rect", { x: place + 0.1, y: 0, width: 0.8, height: 100, class: "chart-gap" })));
    for (const [line, kind] of [[reference, "spark-reference"], [values, "spark-area"]]) {
      bosoc.runs(line, breaks).filter((run) => run.length > 1).forEach((run) =>
        frame.node.append(path(run.map((place) => [frame.x(place), frame.y(line[place])]), kind)));
    }
    bosoc.runs(values, breaks).filter((run) => run.length === 1).forEach(([place]) => point(place, values[place], "spark-dot"));
    if (real(values[state.period])) {
      point(state.period, values[state.period], "spark-now");
    }
    return frame.node;
  };
})(window.geoBosoc);
