// "About the figures": where they come from, what is assumed, what to note.
(function (bosoc) {
  "use strict";

  const { byId, data, el, state, word } = bosoc;
  const assumption = (text, of) =>
    el("p", { class: "assumption" }, el("b", {}, `${word("assumption")}: `), of ? `${of}: ` : "", text);

  const models = (about) =>
    about.models.map((model) =>
      el(
        "section",
        {},
        el("h3", {}, `${word("model")}: ${model.label}`),
        el("p", {}, model.version),
        model.notice ? el("p", { class: "assumption" }, model.notice) : null,
        model.source ? el("p", {}, `${word("source")}: ${model.source}`) : null,
        model.gates.length > 0 ? el("p", {}, `${word("gates")}: ${model.gates.join("; ")}`) : null,
        ...model.assumptions.map(([of, text]) => assumption(text, of)),
      ),
    );

  function sources(about) {
    const heads = ["indicator", "register", "period", "status_date", "source"].map((key) => el("th", { scope: "col" }, word(key)));
    const rows = about.sources[state.period].map((row) => el("tr", {}, ...row.map((text) => el("td", {}, text))));
    return rows.length > 0
      ? el(
          "section",
          {},
          el("h3", {}, `${word("figures_of")} ${bosoc.period()}`),
          el("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": `${word("figures_of")} ${bosoc.period()}` }, el("table", {}, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...rows))),
        )
      : null;
  }

  const definitions = (about) =>
    el(
      "section",
      {},
      el("h3", {}, word("indicators")),
      ...about.indicators.map((indicator) =>
        el(
          "div",
          { class: "definition" },
          el("h4", {}, indicator.label),
          indicator.definition ? el("p", {}, indicator.definition) : null,
          indicator.source ? el("p", {}, `${word("source")}: ${indicator.source}`) : null,
          indicator.assumption ? assumption(indicator.assumption) : null,
        ),
      ),
    );

  function draw() {
    const { about } = bosoc.unit();
    bosoc.fill(
      byId("about"),
      el(
        "header",
        {},
        el("h2", { id: "about-title" }, word("about")),
        el("button", { type: "button", class: "quiet", onclick: () => byId("about").close() }, word("close")),
      ),
      el(
        "div",
        { class: "about-text" },
        ...data.notices.map((notice) => el("p", {}, el("b", {}, notice.text))),
        about.protection ? el("p", {}, about.protection) : null,
        bosoc.unit().indicators.some((each) => each.columns.low) ? el("p", {}, word("interval_note")) : null,
        sources(about),
        ...models(about),
        definitions(about),
        about.notes.length > 0
          ? el("section", {}, el("h3", {}, word("warnings")), el("ul", {}, ...about.notes.map((text) => el("li", {}, text))))
          : null,
        el("p", { class: "small" }, word("leaflet")),
      ),
    );
  }

  bosoc.drawAbout = () => {
    const dialog = byId("about");
    bosoc.onChange((changed) => changed.has("language") && bosoc.fill(byId("open-about"), word("about")));
    byId("open-about").addEventListener("click", () => {
      draw();
      dialog.showModal();
    });
    // A click beside the text closes it.
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  };
})(window.geoBosoc);
