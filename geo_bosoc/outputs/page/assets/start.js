// Put the parts together; called once by the page with the id of the map's element.
(function (bosoc) {
  "use strict";

  const { byId, data, el, word } = bosoc;

  // What stands on the page whatever is chosen, in the language that is read.
  function heading(changed) {
    if (changed.has("language")) {
      bosoc.fill(byId("page-title"), `${data.title} · ${data.name}`);
      bosoc.fill(
        byId("notices"),
        ...data.notices.map((notice) => el("p", { class: `notice ${notice.kind}`, role: "note" }, notice.text)),
      );
      bosoc.map.getContainer().setAttribute("aria-label", word("map"));
      bosoc.fill(byId("map-help"), word("map_help"));
    }
    bosoc.fill(byId("page-subtitle"), `${bosoc.layer().label} · ${bosoc.period()}`);
  }

  async function draw() {
    await bosoc.load();
    bosoc.onChange(heading);
    bosoc.makePatterns();
    bosoc.drawControls();
    bosoc.drawSearch();
    bosoc.drawLegend();
    bosoc.drawPanel();
    bosoc.drawAbout();
    bosoc.drawMap();
    bosoc.drawSymbols();
    bosoc.drawBackground();
    bosoc.drawOverlays();
    bosoc.drawNamedLayers();
    bosoc.drawSurfaces();
    bosoc.drawParts();
    bosoc.drawNames();
    bosoc.drawKeyboard();
    bosoc.drawSpoken();
    bosoc.drawSmallScreens();
    bosoc.drawFilter();
    bosoc.drawPlay();
    bosoc.drawCompare();
    bosoc.drawTable();
    bosoc.drawPicture();
    bosoc.drawPaper();
    await bosoc.readAddress();
    bosoc.redrawAll();
    bosoc.keepAddress();
    bosoc.map.invalidateSize({ animate: false }); // the legend has taken its room
    bosoc.showWhole();
    document.documentElement.dataset.ready = "true";
  }

  // The map is there at once, so that layers of Folium can be added to it; its areas come when they are unpacked.
  bosoc.start = (id) => {
    const map = bosoc.makeMap(id);
    if (typeof DecompressionStream === "undefined") {
      bosoc.fill(byId("notices"), el("p", { class: "notice" }, bosoc.opening.unreadable));
    } else {
      bosoc.drawn = draw();
    }
    return map;
  };
})(window.geoBosoc);
