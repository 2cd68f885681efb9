// The charts of the side panel: an indicator over the periods with what it is compared with, and a model's points.
(function (bosoc) {
  "use strict";

  const { el, state, word } = bosoc;
  const REFERENCES = [["municipality", "strip-municipality"], ["all_areas", "strip-areas"], ["chosen", "strip-chosen"]];
  const POINTS_HEIGHT = 150;
  // Which charts the reader has opened or closed, by indicator; else that of the layer on the map is open.
  const opened = new Map();

  const places = () => bosoc.unit().periods.map((_, place) => place);
  bosoc.hasCharts = () => bosoc.unit().charts === true;

  // An indicator's column for the chosen area, a number a period; null where there is none.
  const own = (indicator, name) => places().map((period) => bosoc.unscaled(indicator, bosoc.read(indicator, name, period, state.area)));
  function ofReference(indicator, name) {
    if (name === "chosen" && indicator.columns.beside) {
      return own(indicator, "beside");
    }
    const column = indicator.references[name] || [];
    return places().map((period) => bosoc.unscaled(indicator, column[period] ? column[period].value : null));
  }
  const nameOf = (indicator, name) => (name === "chosen" ? indicator.chosen : word(name));

  // The lines of one model: of the one whose map is seen, or of the first that looks at the indicator.
  function cutsOf(indicator) {
    const cuts = (indicator.cuts || []).map((cut, place) => ({
      ...cut,
      values: cut.values.map((whole) => bosoc.unscaled(indicator, whole)),
      labels: indicator.cut_labels[place],
    }));
    const layer = bosoc.layer();
    const chosen = cuts.some((cut) => cut.model === layer.model) ? layer.model : cuts.length > 0 ? cuts[0].model : null;
    return cuts.filter((cut) => cut.model === chosen);
  }
  // Those among the figures, and the nearest on each side: lines far away would press the figures flat.
  function near(cuts, shown) {
    const [low, high] = [Math.min(...shown), Math.max(...shown)];
    const ends = cuts.map((cut) => {
      const values = cut.values.filter((value) => value !== null);
      return { cut, least: Math.min(...values), most: Math.max(...values) };
    }).filter((each) => Number.isFinite(each.least));
    const above = Math.min(...ends.filter((each) => each.least > high).map((each) => each.least));
    const below = Math.max(...ends.filter((each) => each.most < low).map((each) => each.most));
    return ends.filter((each) => each.least <= Math.max(high, above) && each.most >= Math.min(low, below)).map((each) => each.cut);
  }
  const one = (points) => word(points === 1 ? "point" : "points", { points: bosoc.plainNumber(points) });
  const percentSign = (indicator) => (indicator.unit === "percent" ? bosoc.data.suffixes.percent : "");
  const short = (indicator, cut) => {
    if (cut.points !== undefined) {
      return one(cut.points);
    }
    const label = cut.labels[state.period];
    return label.length <= 12 ? label : bosoc.number(last(cut.values), indicator.decimals) + percentSign(indicator);
  };
  const last = (values) => values.filter((value) => value !== null).at(-1);

  // Runs of periods that are without a figure for the same reason: the first, the last, and the reason.
  function gaps(indicator) {
    const runs = [];
    places().forEach((place) => {
      const status = bosoc.statusOf(indicator, place, state.area);
      const run = runs.at(-1);
      if (run && run[1] === place - 1 && run[2] === status) {
        run[1] = place;
      } else if (status !== "ok") {
        runs.push([place, place, status]);
      }
    });
    return runs;
  }

  function chart(indicator, width) {
    const values = own(indicator, "value");
    const [lows, highs] = ["low", "high"].map((name) => own(indicator, name));
    const breaks = indicator.breaks || [];
    const references = REFERENCES.map(([name, kind]) => ({ name, kind, values: ofReference(indicator, name) }))
      .filter((each) => each.values.some((value) => value !== null));
    const shown = [values, lows, highs, ...references.map((each) => each.values)].flat().filter((value) => value !== null);
    const cuts = near(cutsOf(indicator), shown);
    const names = cuts.map((cut) => short(indicator, cut));
    const right = cuts.length > 0 ? bosoc.letters(names, Math.min(92, width / 3)) : 8;
    const span = bosoc.span([...shown, ...cuts.flatMap((cut) => cut.values)]);
    const frame = bosoc.frame({ width, right, suffix: percentSign(indicator), span, above: breaks.length > 0 ? 12 : 0 });
    gaps(indicator).forEach(([first, end, status]) => bosoc.gap(frame, first, end, bosoc.statusWord(status)));
    bosoc.band(frame, lows, highs, "chart-interval", breaks);
    cuts.forEach((cut) => bosoc.steps(frame, cut.values, "chart-cut"));
    references.forEach((each) => bosoc.line(frame, each.values, each.kind, { breaks }));
    bosoc.line(frame, values, "chart-area", { breaks, dotted: true });
    bosoc.dots(frame, values, "chart-dot");
    breaks.forEach((place) => bosoc.newDefinition(frame, place, word("new_definition", { period: bosoc.unit().periods[place] })));
    bosoc.endNames(frame, cuts.map((cut, place) => ({ y: frame.y(last(cut.values)), label: names[place] })), right);
    return [frame.node, table(indicator, references, frame)];
  }

  // The figures of the chart in words: as a table, and for who points at a period.
  function table(indicator, references, frame) {
    const { periods } = bosoc.unit();
    const heads = [word("period"), word("area"), word("interval_head"), ...references.map((each) => nameOf(indicator, each.name))];
    const rows = places().map((place) => {
      const cell = bosoc.cell(indicator, place, state.area);
      const beside = references.map(({ name }) => {
        const told = (name === "chosen" && cell.beside) || bosoc.reference(indicator, name, place);
        return told ? told.value : word("missing");
      });
      return [periods[place], cell.value, cell.interval || "", ...beside];
    });
    bosoc.columns(frame, rows.map(([period, value, interval, ...others]) => [
      `${period}: ${value}`,
      interval,
      ...others.map((told, place) => `${heads[place + 3]}: ${told}`),
    ].filter(Boolean)));
    return bosoc.chartTable(indicator.label, heads, rows);
  }

  // In words where the model's lines lie in the chosen period.
  function cutList(indicator) {
    const cuts = cutsOf(indicator);
    if (cuts.length === 0) {
      return null;
    }
    const { models } = bosoc.unit();
    const title = word("cut_lines", { period: bosoc.period() });
    return el(
      "div",
      { class: "cut-list" },
      el("p", { class: "small" }, models.length > 1 ? `${title} (${models[cuts[0].model].label})` : title),
      el(
        "ul",
        {},
        ...cuts.map((cut) => {
          const value = cut.values[state.period];
          return el("li", {}, el("span", {}, cut.labels[state.period]),
            value === null ? null : el("b", {}, bosoc.number(value, indicator.decimals) + bosoc.data.suffixes[indicator.unit]));
        }),
      ),
    );
  }

  // What an indicator has over the periods: a small line, and the chart behind it; and a place for the model's lines in
  // words, which are made when the chart is opened. Nulls where there is no series.
  bosoc.seriesOf = (indicator) => {
    if (!bosoc.hasCharts()) {
      return [null, null];
    }
    const values = own(indicator, "value");
    const against = indicator.against === "@municipality" ? "municipality" : "chosen";
    const reference = ofReference(indicator, against);
    if ([...values, ...reference].every((value) => value === null)) {
      return [null, null];
    }
    const { periods, indicators } = bosoc.unit();
    const place = indicators.indexOf(indicator);
    const hidden = places().filter((period) => bosoc.statusOf(indicator, period, state.area) !== "ok");
    const open = opened.has(indicator.id) ? opened.get(indicator.id) : bosoc.layer().indicator === place;
    const list = el("div", {});
    const details = el(
      "details",
      { class: "series", open, ontoggle: () => bosoc.fill(list, details.open ? cutList(indicator) : null) },
      el(
        "summary",
        { onclick: (event) => opened.set(indicator.id, !event.currentTarget.parentElement.open) },
        el("span", { class: "series-name" }, word("over_periods", { first: periods[0], last: periods.at(-1) }),
          el("span", { class: "visually-hidden" }, `: ${indicator.label}`)),
        bosoc.spark(values, reference, indicator.breaks || [], hidden),
      ),
      bosoc.fitted(200, (width) => chart(indicator, width)),
    );
    return [details, list];
  };

  // A model's points over the periods, the categories as bands behind them. Null where it gives none to the area.
  bosoc.pointsOf = (model, at) => {
    const layer = bosoc.unit().layers[at];
    const read = (name, place) => (layer[name] ? layer[name][place][state.area] : null);
    const told = places().map((place) => {
      const exact = read("points", place);
      const [least, most] = [read("least", place), read("most", place)];
      const settled = exact !== null ? exact : least !== null && least === most ? least : null;
      return { exact: settled, least: settled === null ? least : null, most: settled === null ? most : null };
    });
    if (!bosoc.hasCharts() || !model.scale || told.every((each) => each.exact === null && each.least === null)) {
      return null;
    }
    const { periods } = bosoc.unit();
    const title = word("points_over_periods", { first: periods[0], last: periods.at(-1) });
    return el("section", { class: "points-chart" }, el("h3", {}, title),
      bosoc.fitted(POINTS_HEIGHT, (width) => pointsChart({ model, layer, at, told, title, width })));
  };

  function pointsChart({ model, layer, at, told, title, width }) {
    const { most, cut_offs: cutOffs } = model.scale;
    const categories = cutOffs.map(([id, from], place) => {
      const each = layer.classes.find((one) => one.id === id);
      return { from, to: place === 0 ? most : cutOffs[place - 1][1], label: each.label, colour: each.colour };
    });
    const right = bosoc.letters(categories.map((each) => each.label), width / 3);
    const frame = bosoc.frame({ width, right, height: POINTS_HEIGHT, span: [0, most], marks: [...cutOffs.map(([, from]) => from), most] });
    for (const { from, to, colour } of categories) {
      frame.ground.prepend(bosoc.svg("rect", {
        x: frame.left, y: frame.y(to), width: frame.end - frame.left, height: frame.y(from) - frame.y(to), fill: colour, class: "points-band",
      }));
    }
    const { periods } = bosoc.unit();
    const rows = told.map((each, place) => {
      const index = layer.drawn[place][state.area];
      return [periods[place], bosoc.note(layer, place, state.area), layer.classes[index].label];
    });
    told.forEach((each, place) => {
      if (each.exact === null && each.least !== null) {
        bosoc.bar(frame, place, each.least, each.most, "points-range");
      }
    });
    const exact = told.map((each) => each.exact);
    bosoc.line(frame, exact, "points-line", { dotted: true });
    bosoc.dots(frame, exact, "points-dot");
    bosoc.endNames(frame, categories.map((each) => ({ y: (frame.y(each.from) + frame.y(each.to)) / 2, label: each.label })), right);
    bosoc.columns(frame, rows.map(([period, points, category]) => [[period, points, category].filter(Boolean).join(" · ")]));
    const heads = [word("period"), word("points_head"), word("category_head")];
    return [frame.node, bosoc.chartTable(`${model.label}: ${title}`, heads, rows)];
  }
})(window.geoBosoc);
