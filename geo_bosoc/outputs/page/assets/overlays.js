// Layers over the areas that a reader switches on and off: outlines with a line of their own, and badges with a number.
(function (bosoc) {
  "use strict";

  const { byId, el, svg, word } = bosoc;
  const hidden = new Set(); // ids of the overlays that the reader switched off
  let groups = [];
  const patternId = (overlay) => `overlay-${overlay.id}`;

  function pattern(overlay) {
    const node = svg("pattern", { id: patternId(overlay), width: 9, height: 9, patternUnits: "userSpaceOnUse" });
    node.append(
      svg("circle", { cx: 4.5, cy: 4.5, r: 2.1, fill: "#ffffff" }),
      svg("circle", { cx: 4.5, cy: 4.5, r: 1.4, fill: overlay.colour }),
    );
    return node;
  }

  const fillOf = (overlay) => (overlay.pattern ? `url(#${patternId(overlay)})` : "none");

  // The line over a white one, so that it is seen on every fill.
  function swatch(overlay) {
    const box = { x: 3, y: 3, width: 20, height: 12, fill: "none" };
    return svg(
      "svg",
      { class: "swatch", width: 26, height: 18, "aria-hidden": "true", focusable: "false" },
      svg("rect", { ...box, fill: fillOf(overlay), stroke: overlay.colour, "stroke-width": 2, "stroke-dasharray": overlay.dash || null }),
    );
  }

  const tip = (feature) => () =>
    el("div", {}, el("strong", {}, feature.title), ...feature.lines.map((line) => el("span", { class: "tip-line" }, line)));

  function badge(feature, overlay) {
    const node = el("span", { class: "badge-count", style: `border-color: ${overlay.colour}` }, String(feature.count));
    const icon = L.divIcon({ html: node, className: "badge-place", iconSize: [22, 22], iconAnchor: [17, 17] });
    const marker = L.marker(feature.corner, { icon, pane: "overlays", keyboard: false });
    marker.bindTooltip(tip(feature), { opacity: 1, className: "tip", direction: "top" });
    if (feature.area !== null) {
      marker.on("click", () => bosoc.choose(feature.area));
    }
    return marker;
  }

  // Lines grow with the map: seen from afar they must not hide what they go round.
  const thickness = () => Math.min(2.5, Math.max(1.2, (bosoc.map.getZoom() - 11) / 1.4));

  function grow(line, halo) {
    const set = () => line.setStyle({ weight: thickness() + (halo ? 2 : 0) });
    bosoc.map.on("zoomend", set);
    set();
    return line;
  }

  function shapesOf(overlay, renderer) {
    const drawn = [];
    for (const feature of overlay.features) {
      const rings = bosoc.unfoldAll(feature.rings);
      const common = { pane: "overlays", renderer, interactive: false, smoothFactor: 0.4 };
      drawn.push(grow(L.polygon(rings, { ...common, fill: false, color: "#ffffff", opacity: 0.9 }), true));
      const line = { ...common, color: overlay.colour, dashArray: overlay.dash || null, className: `overlay ${overlay.id}` };
      const filling = overlay.pattern ? { fillColor: fillOf(overlay), fillOpacity: 1 } : { fill: false };
      drawn.push(grow(L.polygon(rings, { ...line, ...filling }), false));
      if (feature.count > 0 && feature.corner) {
        drawn.push(badge(feature, overlay));
      }
    }
    return L.layerGroup(drawn);
  }

  let renderer = null;

  // The overlays of the unit that is shown, in the language that is read.
  function draw() {
    const overlays = bosoc.unit().overlays || [];
    const defs = byId("hatching").querySelector("defs");
    groups.forEach((group) => group.remove());
    groups = [];
    const lines = overlays.map((overlay) => {
      if (overlay.pattern && !byId(patternId(overlay))) {
        defs.append(pattern(overlay));
      }
      const group = shapesOf(overlay, renderer);
      groups.push(group);
      const box = el("input", { type: "checkbox", id: `show-${overlay.id}` });
      const line = el(
        "li",
        { "data-on": String(!hidden.has(overlay.id)) },
        el("label", { class: "check" }, box, swatch(overlay), el("span", { class: "key-word" }, overlay.label), el("span", { class: "key-count" }, overlay.counted || String(overlay.count))),
        overlay.note ? el("p", { class: "small" }, overlay.note) : null,
      );
      const show = () => {
        line.dataset.on = String(box.checked);
        hidden[box.checked ? "delete" : "add"](overlay.id);
        return box.checked ? group.addTo(bosoc.map) : group.remove();
      };
      box.checked = !hidden.has(overlay.id);
      box.addEventListener("change", show);
      show();
      return line;
    });
    bosoc.fill(byId("overlays-title"), word("overlays"));
    bosoc.fill(byId("overlay-list"), ...lines);
    byId("overlays").hidden = overlays.length === 0;
  }

  bosoc.drawOverlays = () => {
    bosoc.map.createPane("overlays").style.zIndex = 610;
    renderer = L.svg({ pane: "overlays", padding: 0.6 });
    bosoc.data.units.forEach((unit) => (unit.overlays || []).forEach((overlay) => overlay.visible || hidden.add(overlay.id)));
    bosoc.onChange((changed) => (changed.has("unit") || changed.has("language")) && draw());
  };
})(window.geoBosoc);
