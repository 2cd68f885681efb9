// The legend: the word of each class, how many areas are in it, and their share of those assessed.
(function (bosoc) {
  "use strict";

  const { byId, el, state, word } = bosoc;

  function references(layer) {
    if (layer.kind !== "indicator") {
      return [];
    }
    const indicator = bosoc.unit().indicators[layer.indicator];
    return ["municipality", "all_areas"]
      .map((key) => [key, bosoc.reference(indicator, key, state.period)])
      .filter(([, figure]) => figure)
      .map(([key, figure]) =>
        el("li", { class: "reference" }, el("span", { class: "key-word" }, word(key)), el("span", { class: "key-count" }, figure.value)),
      );
  }

  function draw() {
    const layer = bosoc.layer();
    const legend = bosoc.legend(layer, state.period);
    // Of ranges between categories, and of areas without one, only those that the period has.
    const lines = layer.classes.map((each, index) =>
      (each.range || each.beside) && legend.counts[index] === 0
        ? null
        : el(
            "li",
            { "data-class": index },
            bosoc.swatch(index),
            el("span", { class: "key-word" }, each.label),
            el("span", { class: "key-count" }, String(legend.counts[index])),
            layer.kind === "category" ? el("span", { class: "key-share" }, legend.shares[index]) : null,
          ),
    );
    bosoc.fill(byId("key-list"), ...lines, ...references(layer));
    byId("key-list").classList.toggle("values", layer.kind === "indicator");
    bosoc.fill(byId("key-layer"), `${layer.label}${layer.unit ? ` (${layer.unit})` : ""}, ${bosoc.period()}`);
    const note = layer.kind === "category" ? layer.share_note.replace("{count}", bosoc.number(legend.assessed)) : layer.order_note;
    bosoc.fill(byId("key-note"), note);
  }

  bosoc.drawLegend = () => {
    bosoc.onChange((changed) => {
      if (changed.has("language")) {
        bosoc.fill(byId("key-title"), word("legend"));
        bosoc.fill(byId("show-names-label"), word("show_names"));
      }
      if (["layer", "period", "unit", "language"].some((name) => changed.has(name))) {
        draw();
      }
    });
  };
})(window.geoBosoc);
