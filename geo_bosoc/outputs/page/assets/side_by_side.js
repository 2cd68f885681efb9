// Variants side by side: indicators in a table, and models that have one card together.
(function (bosoc) {
  "use strict";

  const { el, state, word } = bosoc;

  // Of models that are variants of each other the one on the map has the card, else the first; none where they say
  // nothing of the area.
  bosoc.hasCard = (model, at) => {
    const { models } = bosoc.unit();
    if (model.card === false || !model.together) {
      return model.card !== false;
    }
    if (!model.panel[state.period][state.area].notes) {
      return false;
    }
    const shown = models[bosoc.layer().model];
    return at === models.indexOf(shown && shown.together ? shown : models.find((each) => each.together));
  };

  const table = () => bosoc.unit().side_by_side;
  bosoc.standsAlone = (indicator) => {
    const index = bosoc.unit().indicators.indexOf(indicator);
    return !indicator.heading && indicator.card !== false && !(table() && table().rows.some((row) => row.includes(index)));
  };

  const figure = (cell, count) =>
    el("td", {}, el("b", cell.status ? { class: "gone" } : {}, cell.value),
      count === null ? null : el("span", { class: "small" }, bosoc.number(count)));

  // One figure beside the municipality's where no variant changes anything yet, else a column for each variant.
  bosoc.sideBySide = () => {
    if (!table()) {
      return null;
    }
    const { indicators } = bosoc.unit();
    const { heading, note, columns, labels } = table().words;
    const of = (index) => bosoc.cell(indicators[index], state.period, state.area);
    const met = (index) => bosoc.read(indicators[index], "met", state.period, state.area);
    const rows = table().rows.map((row) => row.map((index) => ({ index, cell: of(index), met: met(index) })));
    const alike = rows.every((row) => row.every((each) => each.cell.value === row[0].cell.value && each.met === row[0].met));
    const municipality = (index) => {
      const told = bosoc.reference(indicators[index], "municipality", state.period);
      return el("td", {}, told ? told.value : "");
    };
    return el(
      "section",
      {},
      el("h3", {}, `${heading} ${bosoc.period()}`),
      el(
        "table",
        { class: "side-by-side" },
        el("thead", {}, el("tr", {}, el("td", {}),
          ...(alike ? [word("area"), word("municipality")] : columns).map((name) => el("th", { scope: "col" }, name)))),
        el("tbody", {}, ...rows.map((row, at) =>
          el("tr", {}, el("th", { scope: "row" }, labels[at]),
            ...(alike
              ? [figure(row[0].cell, row[0].met), municipality(row[0].index)]
              : row.map((each) => figure(each.cell, each.met)))))),
      ),
      el("p", { class: "small" }, note),
    );
  };
})(window.geoBosoc);
