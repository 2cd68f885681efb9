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
      .map(([key, figure]) => [word(key), figure.value]);
  }

  // The lines of the legend: of ranges between categories, and of areas without one, only those that the period has.
  bosoc.legendLines = () => {
    const layer = bosoc.layer();
    const { counts, shares } = bosoc.legend(layer, state.period);
    return layer.classes
      .map((each, index) => ({ ...each, index, count: counts[index], share: layer.kind === "category" ? shares[index] : null }))
      .filter((line) => line.count > 0 || bosoc.isOnly(line.id) || !(line.range || line.beside));
  };
  bosoc.referenceLines = () => references(bosoc.layer());
  bosoc.layerTitle = (layer = bosoc.layer()) => `${layer.label}${layer.unit ? ` (${layer.unit})` : ""}`;

  // A line is a button: it shows the areas of its class alone, or with those of other pressed lines.
  function line({ id, index, label, count, share }) {
    return el(
      "li",
      { "data-class": index },
      el(
        "button",
        { type: "button", class: "key-line", "aria-pressed": String(bosoc.isOnly(id)), title: word("filter_line"), onclick: () => bosoc.toggleOnly(id) },
        bosoc.swatch(index),
        el("span", { class: "key-word" }, label),
        el("span", { class: "key-count" }, String(count)),
        share === null ? null : el("span", { class: "key-share" }, share),
      ),
    );
  }

  // The legend is one tab stop; arrow keys go from line to line.
  const lineButtons = () => [...byId("key-list").querySelectorAll("button")];
  const standOn = (button) => lineButtons().forEach((each) => each.setAttribute("tabindex", each === button ? "0" : "-1"));
  function press(event) {
    const all = lineButtons();
    const at = all.indexOf(event.target.closest("button"));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (at >= 0 && to !== undefined) {
      event.preventDefault();
      const next = all[Math.min(Math.max(to, 0), all.length - 1)];
      standOn(next);
      next.focus();
    }
  }

  function draw() {
    const layer = bosoc.layer();
    const legend = bosoc.legend(layer, state.period);
    const list = byId("key-list");
    const focused = list.contains(document.activeElement) ? document.activeElement.closest("li").dataset.class : null;
    bosoc.fill(list, ...bosoc.legendLines().map(line), ...references(layer).map(([label, value]) =>
      el("li", { class: "reference" }, el("span", { class: "key-word" }, label), el("span", { class: "key-count" }, value))));
    list.classList.toggle("values", layer.kind === "indicator");
    list.classList.toggle("filtered", state.only !== "");
    standOn(list.querySelector("button"));
    if (focused !== null) {
      const button = list.querySelector(`li[data-class="${focused}"] button`);
      standOn(button);
      (button || byId("layer")).focus();
    }
    bosoc.fill(byId("key-layer"), `${bosoc.layerTitle(layer)}, ${bosoc.period()}`);
    const note = layer.kind === "category" ? layer.share_note.replace("{count}", bosoc.number(legend.assessed)) : layer.order_note;
    bosoc.fill(byId("key-note"), note);
  }

  bosoc.drawLegend = () => {
    byId("key-list").addEventListener("keydown", press);
    bosoc.onChange((changed) => {
      if (changed.has("language")) {
        bosoc.fill(byId("key-title"), word("legend"));
        bosoc.fill(byId("show-names-label"), word("show_names"));
      }
      if (["layer", "period", "unit", "language", "only"].some((name) => changed.has(name))) {
        draw();
      }
    });
  };
})(window.geoBosoc);
