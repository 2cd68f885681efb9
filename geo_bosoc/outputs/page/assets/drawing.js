// The map itself: context beneath, areas above, one geometry that is given new fills when a choice changes.
(function (bosoc) {
  "use strict";

  const { data, el, state, word } = bosoc;
  const STEP = 1e-6;
  const CONTEXT = {
    land: { fillColor: "#f6f4ee", fillOpacity: 1, color: "#a5a39b", weight: 1 },
    wood: { fillColor: "#e8eae1", fillOpacity: 1, stroke: false },
    water: { fillColor: "#d3e0e8", fillOpacity: 1, color: "#a9bfcc", weight: 0.8 },
    outline: { fill: false, color: "#b5b2a8", weight: 1 },
    thin: { color: "#dedbd1", weight: 1 },
    line: { color: "#d2cdc0", weight: 2 },
  };
  const OUTLINE = { color: "#33363b", weight: 1, opacity: 1, fillOpacity: 1 };
  const HOVER = { color: "#111418", weight: 2.5 };
  const CHOSEN = { color: "#0b0d10", weight: 6 }; // half of it lies beneath the fill

  let map = null;
  let renderer = null;
  let pointed = null; // all that a pointer can choose
  let shapes = [];
  let marked = null;
  const drawn = new Map(); // the shapes of each unit that has been shown

  // A ring is its first place and then the way from each place to the next, in millionths of a degree.
  function unfold(numbers) {
    const places = [];
    let x = 0;
    let y = 0;
    for (let i = 0; i < numbers.length; i += 2) {
      x += numbers[i];
      y += numbers[i + 1];
      places.push([y * STEP, x * STEP]);
    }
    return places;
  }
  const unfoldAll = bosoc.unfoldAll = (polygons) => polygons.map((rings) => rings.map(unfold));

  function drawContext() {
    map.createPane("context").style.zIndex = 300;
    const renderer = L.svg({ pane: "context", padding: 0.6 });
    const common = { pane: "context", renderer, interactive: false };
    for (const layer of data.context) {
      const style = { ...common, ...CONTEXT[layer.role], className: `quiet ${layer.role}` };
      if (layer.lines) {
        const lines = L.polyline(layer.lines.map(unfold), style).addTo(map);
        const step = layer.role === "thin" ? 0 : 0.6;
        const widen = () => lines.setStyle({ weight: step + Math.min(4, Math.max(0.8, map.getZoom() - 12)) });
        map.on("zoomend", widen);
        widen();
      } else {
        L.polygon(unfoldAll(layer.polygons), style).addTo(map);
      }
    }
  }

  // Borders stand once, whichever areas they part. A line begins where the one before it ended.
  function unfoldLines({ lines, step }) {
    let x = 0;
    let y = 0;
    return lines.map((numbers) => {
      const places = [];
      for (let i = 0; i < numbers.length; i += 2) {
        x += numbers[i];
        y += numbers[i + 1];
        places.push(L.latLng(y * step, x * step));
      }
      return places;
    });
  }

  // A ring goes along lines, those below zero backwards; each but the last vertex of a line is its own.
  const ringOf = (lines) => (references) =>
    references.flatMap((each) => (each < 0 ? lines[~each].slice(1).reverse() : lines[each].slice(0, -1)));

  function shapesOf(unit) {
    const ring = ringOf(unfoldLines(unit.borders));
    return unit.areas.map((area, index) => {
      const places = area.rings.map((rings) => rings.map(ring));
      return L.polygon(places, { ...OUTLINE, renderer, smoothFactor: 0.4, className: "area", area: index });
    });
  }

  // The areas of the unit that is shown, large ones first: where areas overlap, the small one lies on top and can be
  // pointed at.
  function drawAreas() {
    const unit = bosoc.unit();
    const { areas } = unit;
    shapes.forEach(bosoc.notArea);
    drawn.set(unit, drawn.get(unit) || shapesOf(unit));
    shapes = drawn.get(unit);
    marked = null;
    map.setMaxZoom(unit.borders.zoom);
    const order = areas.map((_, index) => index).sort((a, b) => areas[b].size - areas[a].size);
    for (const index of order) {
      bosoc.asArea(shapes[index]);
    }
  }

  // What a pointer does is the same for a shape and for the symbol of an area too small to be pointed at. One tooltip
  // serves all: Leaflet's own for a group would write to every shape each time.
  function pointWell() {
    const tooltip = L.tooltip({ opacity: 1, className: "tip" });
    const style = (layer, look) => layer.options.area !== state.area && layer.setStyle(look);
    pointed = L.featureGroup().addTo(map);
    pointed.on("click", ({ layer }) => bosoc.choose(layer.options.area));
    pointed.on("mouseover", ({ layer, latlng }) => {
      style(layer, HOVER);
      tooltip.setLatLng(latlng).setContent(tip(layer.options.area)).openOn(map);
    });
    pointed.on("mousemove", ({ latlng }) => tooltip.setLatLng(latlng));
    pointed.on("mouseout", ({ layer }) => {
      style(layer, OUTLINE);
      tooltip.close();
    });
  }

  // Put the shape or symbol of an area (`options.area`) on the map.
  bosoc.asArea = (layer) => {
    pointed.addLayer(layer);
    layer.getElement().dataset.area = layer.options.area;
  };
  bosoc.notArea = (layer) => pointed.removeLayer(layer);
  bosoc.shapeOf = (index) => shapes[index];

  // What hovering tells: name, the layer's class in words, points or value.
  const tip = bosoc.tip = (index, period = state.period) => {
    const layer = bosoc.layer();
    const at = layer.drawn[period][index];
    const note = bosoc.note(layer, period, index);
    return el(
      "div",
      {},
      el("strong", {}, bosoc.unit().areas[index].name),
      el("span", { class: "tip-class" }, bosoc.swatch(at), layer.kind === "category" ? layer.classes[at].label : layer.label),
      note ? el("span", { class: "tip-note" }, note) : null,
    );
  };

  // Only what changes: Leaflet would write ten attributes of every shape anew.
  bosoc.paint = (layer) => {
    const fillColor = bosoc.classFill(bosoc.classIndex(layer.options.area));
    if (layer.options.fillColor !== fillColor) {
      layer.options.fillColor = fillColor;
      layer.getElement().setAttribute("fill", fillColor);
    }
  };

  bosoc.mark = (layer, chosen) => {
    layer.setStyle(chosen ? CHOSEN : OUTLINE);
    layer.getElement().classList.toggle("chosen", chosen);
  };

  function mark() {
    if (marked) {
      bosoc.mark(marked, false);
    }
    marked = state.area === null ? null : shapes[state.area];
    if (marked) {
      bosoc.mark(marked, true);
      marked.bringToFront();
    }
  }

  // Height of the map that the open sheet covers on a phone.
  const covered = bosoc.covered = () => {
    const sheet = bosoc.byId("panel");
    if (!bosoc.narrow() || sheet.dataset.open !== "true") {
      return 0;
    }
    return Math.max(0, map.getContainer().getBoundingClientRect().bottom - sheet.getBoundingClientRect().top);
  };

  bosoc.showWhole = () => {
    const { bounds } = bosoc.data.units.length > 0 ? bosoc.unit() : bosoc.opening;
    if (bounds) {
      map.fitBounds(bounds, { padding: [24, 24] });
    }
  };
  bosoc.showArea = (index) => {
    const bounds = bosoc.unit().areas[index].bounds;
    if (bounds) {
      map.fitBounds(bounds, { maxZoom: 15, paddingTopLeft: [40, 40], paddingBottomRight: [40, 40 + covered()] });
    }
  };

  // Move the map no more than it takes to see an area that was pointed at.
  bosoc.keepInSight = (index) => {
    const inside = bosoc.unit().areas[index].inside;
    if (inside && covered() > 0) {
      map.panInside(inside, { paddingTopLeft: [40, 40], paddingBottomRight: [40, 40 + covered()] });
    }
  };

  // Paper has another shape: fit what is in sight into it, and go back afterwards.
  function printWell() {
    let seen = null;
    const turn = (printing) => {
      document.documentElement.classList.toggle("printing", printing);
      map.invalidateSize({ animate: false });
    };
    window.addEventListener("beforeprint", () => {
      seen = [map.getBounds(), map.getCenter(), map.getZoom()];
      turn(true);
      map.fitBounds(seen[0], { animate: false });
    });
    window.addEventListener("afterprint", () => {
      turn(false);
      map.setView(seen[1], seen[2], { animate: false });
    });
  }

  function wholeButton() {
    const icon = bosoc.svg(
      "svg",
      { viewBox: "0 0 20 20", width: 18, height: 18, "aria-hidden": "true", focusable: "false" },
      bosoc.svg("path", { d: "M3 7V3H7M13 3H17V7M17 13V17H13M7 17H3V13", fill: "none", stroke: "currentColor", "stroke-width": 2 }),
    );
    const show = (event) => {
      event.preventDefault();
      event.stopPropagation();
      bosoc.showWhole();
    };
    return el("a", { href: "#", role: "button", class: "whole", onclick: show }, icon);
  }

  // The map without its areas.
  bosoc.makeMap = (id) => {
    map = L.map(id, {
      attributionControl: false,
      zoomControl: false,
      zoomSnap: 0.25,
      zoomDelta: 0.5,
      maxZoom: 18,
      center: [0, 0],
      zoom: 1,
    });
    bosoc.map = map;
    const zoom = L.control.zoom().addTo(map);
    zoom.getContainer().append(wholeButton());
    L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
    bosoc.showWhole();
    const { bounds } = bosoc.opening;
    if (bounds) {
      map.setMinZoom(Math.max(map.getZoom() - 2, 1));
      map.setMaxBounds(L.latLngBounds(bounds).pad(1.5));
    }
    printWell();
    new ResizeObserver(() => map.invalidateSize()).observe(bosoc.byId(id));
    return map;
  };

  function nameButtons() {
    const names = { "leaflet-control-zoom-in": "zoom_in", "leaflet-control-zoom-out": "zoom_out", whole: "whole" };
    for (const [name, key] of Object.entries(names)) {
      const button = map.getContainer().querySelector(`.leaflet-control-zoom .${name}`);
      button.title = word(key);
      button.setAttribute("aria-label", word(key));
    }
  }

  // What the data draw on the map.
  bosoc.drawMap = () => {
    drawContext();
    renderer = L.svg({ padding: 0.6 });
    pointWell();
    bosoc.onChange((changed) => {
      if (changed.has("language")) {
        nameButtons();
      }
      if (changed.has("unit")) {
        drawAreas();
      }
      if (changed.has("layer") || changed.has("period") || changed.has("unit")) {
        shapes.forEach(bosoc.paint);
      }
      if (changed.has("area")) {
        mark();
      }
    });
  };
})(window.geoBosoc);
