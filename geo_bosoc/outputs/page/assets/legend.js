// The legend: the word of each class, how many areas are in it, and their share of those assessed.
(function (bosoc) {
  "use strict";

  const { byId, data, el, state, word } = bosoc;

  function references(layer) {
    if (layer.kind !== "indicator") {
      return [];
    }
    const told = data.indicators[layer.indicator].references[state.period];
    return [["municipality", told.municipality], ["all_areas", told.all_areas]]
      .filter(([, figure]) => figure)
      .map(([key, figure]) =>
        el("li", { class: "reference" }, el("span", { class: "key-word" }, word(key)), el("span", { class: "key-count" }, figure.value)),
      );
  }

  function draw() {
    const layer = bosoc.layer();
    const legend = layer.legend[state.period];
    // Of ranges between categories, and of areas without one, only those that the period has.
    const lines = layer.classes.map((each, index) =>
      (each.range || each.beside) && legend.counts[index] === 0
        ? null
        : el(
            "li",
            {},
            bosoc.swatch(index),
            el("span", { class: "key-word" }, each.label),
            el("span", { class: "key-count" }, String(legend.counts[index])),
            layer.kind === "category" ? el("span", { class: "key-share" }, legend.shares[index]) : null,
          ),
    );
    bosoc.fill(byId("key-list"), ...lines, ...references(layer));
    byId("key-list").classList.toggle("values", layer.kind === "indicator");
    bosoc.fill(byId("key-layer"), `${layer.label}${layer.unit ? ` (${layer.unit})` : ""}, ${data.periods[state.period]}`);
    bosoc.fill(byId("key-note"), layer.kind === "category" ? legend.note : layer.order_note);
  }

  bosoc.drawLegend = () => {
    bosoc.fill(byId("key-title"), word("legend"));
    bosoc.fill(byId("show-names-label"), word("show_names"));
    bosoc.onChange((changed) => (changed.has("layer") || changed.has("period")) && draw());
  };
})(window.geoBosoc);
