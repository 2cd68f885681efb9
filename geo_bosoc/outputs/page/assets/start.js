// Put the parts together; called once by the page with the id of the map's element.
(function (bosoc) {
  "use strict";

  const { byId, data, el, state, word } = bosoc;

  bosoc.start = (id) => {
    bosoc.fill(byId("page-title"), `${data.title} · ${data.name}`);
    bosoc.fill(
      byId("notices"),
      ...data.notices.map((notice) => el("p", { class: `notice ${notice.kind}`, role: "note" }, notice.text)),
    );
    byId(id).setAttribute("aria-label", word("map"));
    bosoc.fill(byId("map-help"), word("map_help"));
    bosoc.makePatterns();
    bosoc.drawControls();
    bosoc.drawSearch();
    bosoc.drawLegend();
    bosoc.drawPanel();
    bosoc.drawAbout();
    bosoc.onChange(() => bosoc.fill(byId("page-subtitle"), `${bosoc.layer().label} · ${data.periods[state.period]}`));
    const map = bosoc.drawMap(id);
    bosoc.redrawAll();
    bosoc.drawOverlays();
    bosoc.drawNames();
    return map;
  };
})(window.geoBosoc);
