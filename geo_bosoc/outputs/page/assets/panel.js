// The side panel (a sheet from below on a phone): the list of areas, or one area with its figures.
(function (bosoc) {
  "use strict";

  const { byId, el, state, svg, word } = bosoc;
  const content = () => byId("panel-content");
  const LEAST_ROW = 44; // pixels
  const ROWS = 60; // that are made in one go

  bosoc.openPanel = (open) => {
    byId("panel").dataset.open = String(open);
    byId("panel-handle").setAttribute("aria-expanded", String(open));
  };

  // Choose an area (null: none) from the map, the list or the search field.
  bosoc.choose = (index, { zoom = false, focus = false } = {}) => {
    bosoc.change({ area: index });
    if (index !== null) {
      bosoc.openPanel(true);
      (zoom ? bosoc.showArea : bosoc.keepInSight)(index);
    }
    if (focus) {
      const heading = content().querySelector("h2");
      if (heading) {
        heading.focus({ preventScroll: true });
      }
    }
  };

  function list() {
    const layer = bosoc.layer();
    const order = bosoc.order(layer, state.period).filter(bosoc.passes);
    const stop = order[0]; // the list is one tab stop
    const row = (index) => {
      const at = bosoc.classIndex(index);
      const note = bosoc.note(layer, state.period, index);
      return el(
        "li",
        {},
        el(
          "button",
          { type: "button", class: "row", "data-area": index, tabindex: index === stop ? 0 : -1, onclick: () => bosoc.choose(index, { zoom: true, focus: true }) },
          bosoc.swatch(at),
          el("span", { class: "row-name" }, bosoc.unit().areas[index].name,
            el("span", { class: "row-class" }, layer.kind === "category" ? layer.classes[at].label : "")),
          el("span", { class: "row-note" }, note),
        ),
      );
    };
    return [
      bosoc.goalsOf(null),
      el("h2", { tabindex: "-1" }, word("areas")),
      el("p", { class: "small" }, [`${layer.label}, ${bosoc.period()}`, bosoc.isFiltered() ? bosoc.filterTold() : ""].filter(Boolean).join(" · ")),
      el("p", { class: "visually-hidden" }, word("list_help")),
      longList(order, row),
    ];
  }

  // A list that is there at once as far as it is seen; the rest follows in parts, and the page answers meanwhile.
  function longList(order, row) {
    const seen = Math.ceil((content().scrollTop + content().clientHeight) / LEAST_ROW);
    return bosoc.inParts(el("ol", { class: "rows" }), order, row, Math.max(seen, ROWS));
  }
  bosoc.inParts = (node, order, row, seen = ROWS) => {
    const add = (from, to) => {
      node.append(...order.slice(from, to).map(row));
      if (to < order.length) {
        setTimeout(() => node.isConnected && add(to, to + ROWS), 30);
      }
    };
    add(0, seen);
    return node;
  };

  // Whether a model is told beside its former period at all: a study's own layers compare in what they show.
  const compares = (model) => model.panel.some((line) => line.some((told) => told.before));

  // The figures that moved an indicator's points, where both are shown.
  function figuresOf(label) {
    const named = bosoc.unit().indicators.filter((each) => each.label === label);
    const figures = [state.period - 1, state.period].map((period) =>
      named.length === 1 && bosoc.statusOf(named[0], period, state.area) === "ok" ? bosoc.read(named[0], "value", period, state.area) : null);
    return figures.includes(null)
      ? null
      : el("span", { class: "small" }, figures.map((figure) => bosoc.figure(named[0], figure)).join(" → "));
  }

  function before(model, told, at) {
    if (!told.before && !compares(model)) {
      return null;
    }
    if (!told.before) {
      return el("p", { class: "small" }, word("no_before"));
    }
    const { layers, periods } = bosoc.unit();
    const now = layers[at].drawn[state.period][state.area];
    const then = told.before;
    const side = (period, index, label, points) =>
      el(
        "div",
        { class: "then-now-side" },
        el("span", { class: "small" }, period),
        el("span", { class: "badge" }, index === null || index === undefined ? null : bosoc.swatch(index, at), label),
        el("span", { class: "small" }, points),
      );
    const counted = model.kind === "points" && Boolean(told.points) && !then.part;
    const part = model.kind === "points" && then.part;
    const moved = then.moved.map(([label, size]) => el("li", {}, el("span", {}, label, figuresOf(label)), el("b", {}, size)));
    return el(
      "section",
      {},
      el("h3", {}, word("before")),
      el(
        "div",
        { class: "then-now" },
        side(periods[state.period - 1], then.class, then.label, then.points),
        el("span", { class: "arrow", "aria-hidden": "true" }, "→"),
        side(periods[state.period], now, layers[at].classes[now].label, told.points),
      ),
      moved.length > 0 || counted || part ? el("h4", {}, word("moved")) : null,
      moved.length > 0 ? el("ul", { class: "moves" }, ...moved) : null,
      moved.length === 0 && counted ? el("p", { class: "small" }, word("moved_nothing")) : null,
      part ? el("p", { class: "small" }, word("moved_part")) : null,
    );
  }

  // What stands beside the category: other categories that hold, what would settle it, the criteria, how sure it is.
  const flags = (told) =>
    told.flags
      ? el(
          "section",
          {},
          el("h4", {}, told.flags_heading || word("by_itself")),
          el(
            "ul",
            { class: "flags" },
            ...told.flags.map((flag) =>
              el("li", { class: flag.met }, el("span", {}, flag.label), el("span", { class: "answer" }, flag.answer)),
            ),
          ),
        )
      : null;

  // Where there is one period there is room for the criteria, and nothing to compare with.
  const alone = () => bosoc.unit().periods.length < 2;

  const criteria = (told) =>
    told.criteria
      ? el(
          "details",
          { class: "criteria", open: alone() },
          el("summary", {}, word("criteria")),
          el("ul", {}, ...told.criteria.map((sentence) => el("li", {}, sentence))),
        )
      : null;

  const apart = (told, at) =>
    told.apart
      ? el(
          "p",
          { class: "apart" },
          el("span", { class: "small" }, word("socioeconomic")),
          el(
            "span",
            { class: "badge" },
            told.apart.class === null ? null : bosoc.swatch(told.apart.class, at),
            el("b", {}, told.apart.label),
          ),
        )
      : null;

  function modelPart(model, at) {
    const told = model.panel[state.period][state.area];
    const layer = bosoc.unit().layers[at];
    const index = layer.drawn[state.period][state.area];
    return el(
      "section",
      { class: "model" },
      el("p", { class: "small model-name" }, model.label),
      el(
        "p",
        { class: "verdict" },
        bosoc.swatch(index, at),
        el("b", { class: "verdict-word" }, layer.classes[index].label),
        el("span", {}, told.points),
      ),
      told.possible ? el("p", { class: "small" }, `${word("possible")}: ${told.possible.join(", ")}`) : null,
      told.unsettled ? el("p", { class: "small" }, `${word("undetermined_by")}: ${told.unsettled.join(", ")}`) : null,
      apart(told, at),
      ...(told.sure || []).map((line) => el("p", { class: "small sure" }, line)),
      ...(told.notes || []).map((line) => el("p", { class: "small" }, line)),
      flags(told),
      criteria(told),
      bosoc.pointsOf(model, at),
      alone() ? null : before(model, told, at),
    );
  }

  // A scale from zero: the area's interval and value, the municipality's and all areas' figures as marks.
  function strip(cell, references) {
    if (!cell.strip) {
      return null;
    }
    const scale = (at) => 4 + (at / 1000) * 292;
    const node = svg("svg", { class: "strip", viewBox: "0 0 300 20", "aria-hidden": "true", focusable: "false" });
    node.append(svg("path", { d: "M4 10H296", class: "strip-axis" }));
    const mark = (figure, kind) => {
      if (figure && figure.at !== undefined) {
        node.append(svg("path", { d: `M${scale(figure.at)} 2V18`, class: kind }));
      }
    };
    mark(references.municipality, "strip-municipality");
    mark(references.all_areas, "strip-areas");
    mark(cell.beside || references.chosen, "strip-chosen");
    if (cell.strip.length > 1) {
      node.append(svg("path", { d: `M${scale(cell.strip[1])} 10H${scale(cell.strip[2])}`, class: "strip-interval" }));
    }
    node.append(svg("circle", { cx: scale(cell.strip[0]), cy: 10, r: 4.5, class: "strip-value" }));
    return node;
  }

  function indicatorPart(indicator) {
    const cell = bosoc.cell(indicator, state.period, state.area);
    const references = Object.fromEntries(
      ["municipality", "all_areas", "chosen"].map((name) => [name, bosoc.reference(indicator, name, state.period)]),
    );
    const reference = (figure, name, kind) =>
      figure
        ? el("div", { class: "figure" }, el("dt", {}, el("i", { class: `mark ${kind}`, "aria-hidden": "true" }), name), el("dd", {}, figure.value))
        : null;
    const results = cell.points || [];
    const [series, cutList] = bosoc.seriesOf(indicator);
    const details = [cell.counts, cell.interval, cell.ratio].filter(Boolean);
    return el(
      "section",
      { class: "indicator" },
      el(
        "header",
        {},
        el("h4", {}, indicator.label),
        results.length === 1 ? el("span", { class: "points" }, results[0]) : null,
      ),
      results.length > 1 ? el("ul", { class: "results" }, ...results.map((told) => el("li", {}, told))) : null,
      series || strip(cell, references),
      el(
        "dl",
        {},
        el("div", { class: "figure own" }, el("dt", {}, el("i", { class: "mark value", "aria-hidden": "true" }), word("area")),
          el("dd", cell.status ? { class: "gone" } : {}, cell.value)),
        reference(references.municipality, word("municipality"), "municipality"),
        reference(references.all_areas, word("all_areas"), "areas"),
        reference(cell.beside || references.chosen, indicator.chosen, "chosen"),
      ),
      details.length > 0 ? el("p", { class: "small pieces" }, ...details.map((told) => el("span", {}, told))) : null,
      cutList,
    );
  }

  // The areas most like this one, each a way to it.
  function twins() {
    const unit = bosoc.unit();
    const alike = unit.twins ? unit.twins[state.period][state.area] : [];
    return alike.length > 0
      ? el(
          "section",
          {},
          el("h3", {}, word("twins")),
          el(
            "p",
            { class: "twins" },
            ...alike.map((index) =>
              el("button", { type: "button", class: "quiet", onclick: () => bosoc.choose(index, { focus: true }) }, unit.areas[index].name),
            ),
          ),
          el("p", { class: "small" }, unit.twins_by),
        )
      : null;
  }

  function area() {
    const unit = bosoc.unit();
    const told = unit.areas[state.area];
    const figures = unit.indicators.filter(bosoc.standsAlone);
    const hidden = unit.indicators.some((each) => bosoc.statusOf(each, state.period, state.area) === "protected");
    const residents = unit.residents[state.period][state.area];
    const live = residents === null ? "" : word("residents", { count: bosoc.number(residents) });
    const facts = [unit.kinds[state.area], live, told.id].filter(Boolean).join(" · ");
    return [
      el("button", { type: "button", class: "quiet back", onclick: bosoc.backToList }, `← ${word("back")}`),
      el("h2", { tabindex: "-1" }, told.name),
      el("p", { class: "small" }, `${bosoc.period()} · ${facts}`),
      bosoc.goalsOf(state.area),
      ...unit.models.map((model, at) => (bosoc.hasCard(model, at) ? modelPart(model, at) : null)),
      bosoc.sideBySide(),
      twins(),
      figures.length > 0 ? el("h3", {}, word("indicators")) : null,
      ...figures.map(indicatorPart),
      figures.some((each) => each.columns.low) ? el("p", { class: "small" }, word("interval_note")) : null,
      hidden ? el("p", { class: "small" }, word("suppressed_why")) : null,
    ];
  }

  function draw(changed) {
    const top = changed.has("area") ? 0 : content().scrollTop;
    bosoc.fill(content(), ...(state.area === null ? list() : area()));
    content().scrollTop = top;
    const handle = state.area === null ? `${word("areas")} (${bosoc.unit().areas.length})` : bosoc.unit().areas[state.area].name;
    bosoc.fill(byId("panel-handle"), handle);
    byId("panel").setAttribute("aria-label", word("areas"));
  }

  bosoc.drawPanel = () => {
    byId("panel-handle").addEventListener("click", () => bosoc.openPanel(byId("panel").dataset.open !== "true"));
    bosoc.onChange(draw);
  };
})(window.geoBosoc);
