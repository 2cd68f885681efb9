// Layers that the project gives a name (schools, bus lines, sports grounds): over the areas, switched on and off.
(function (bosoc) {
  "use strict";

  const { byId, data, el, state, svg, word } = bosoc;
  const DASHES = [null, "8 5", "2 5", "12 4 2 4"];
  const SIZE = 6;
  // A layer's own sign, so that it is told without colour.
  const SIGNS = [
    (x, y, r) => `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`,
    (x, y, r) => `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}Z`,
    (x, y, r) => `M${x} ${y - 1.2 * r}L${x + 1.2 * r} ${y + r}H${x - 1.2 * r}Z`,
    (x, y, r) => `M${x} ${y - 1.3 * r}L${x + 1.3 * r} ${y}L${x} ${y + 1.3 * r}L${x - 1.3 * r} ${y}Z`,
  ];
  const signOf = (at) => SIGNS[at % SIGNS.length];
  const dashOf = (at) => DASHES[at % DASHES.length];
  const isPoints = (layer) => layer.features.some((feature) => feature.points);

  const Sign = L.CircleMarker.extend({
    _updatePath() {
      const { x, y } = this._point;
      this._renderer._setPath(this, this._empty() ? "M0 0" : this.options.sign(x, y, SIZE));
    },
  });

  let groups = [];

  const tip = (at, feature) => () =>
    el(
      "div",
      {},
      feature.name ? el("strong", {}, feature.name) : null,
      el("span", { class: feature.name ? "tip-line" : "" }, data.named_layers[at]),
    );

  // What lies above an area does not keep it from being chosen.
  function passOn({ originalEvent: { clientX, clientY } }) {
    const area = document.elementsFromPoint(clientX, clientY).find((node) => node.dataset && node.dataset.area);
    if (area) {
      bosoc.choose(Number(area.dataset.area));
    }
  }

  function shapesOf(layer, at, renderer) {
    const common = { pane: "named-layers", renderer, fill: false, smoothFactor: 0.4 };
    const halo = { ...common, color: "#ffffff", weight: 5, opacity: 0.9, interactive: false };
    const line = { ...common, color: layer.colour, weight: 2.5, dashArray: dashOf(at), className: `named ${layer.id}` };
    const drawn = [];
    for (const feature of layer.features) {
      const over = [];
      if (feature.polygons) {
        const rings = bosoc.unfoldAll(feature.polygons);
        drawn.push(L.polygon(rings, halo));
        over.push(L.polygon(rings, line));
      }
      if (feature.lines) {
        const [places] = bosoc.unfoldAll([feature.lines]);
        drawn.push(L.polyline(places, halo));
        over.push(L.polyline(places, line));
      }
      if (feature.points) {
        const [[places]] = bosoc.unfoldAll([[feature.points]]);
        const sign = { ...common, sign: signOf(at), radius: SIZE + 2, color: "#ffffff", weight: 2, fill: true, fillColor: layer.colour, fillOpacity: 1, className: line.className };
        over.push(...places.map((place) => new Sign(place, sign)));
      }
      over.forEach((shape) => {
        shape.bindTooltip(tip(at, feature), { sticky: true, opacity: 1, className: "tip" });
        shape.on("click", passOn);
      });
      drawn.push(...over);
    }
    return L.layerGroup(drawn);
  }

  function swatch(layer, at) {
    const inside = isPoints(layer)
      ? svg("path", { d: signOf(at)(13, 9, SIZE - 0.5), fill: layer.colour })
      : svg("path", { d: "M2 9H24", stroke: layer.colour, "stroke-width": 2.5, "stroke-dasharray": dashOf(at) });
    return svg("svg", { class: "swatch", width: 26, height: 18, "aria-hidden": "true", focusable: "false" }, inside);
  }

  const shown = () => new Set(state.context.split(","));

  // The ids in the order of the layers, those that are switched on.
  function toggle(id, on) {
    const chosen = shown();
    chosen[on ? "add" : "delete"](id);
    bosoc.change({ context: data.named.map((layer) => layer.id).filter((each) => chosen.has(each)).join(",") });
  }

  function list() {
    const chosen = shown();
    const lines = data.named.map((layer, at) => {
      const box = el("input", { type: "checkbox", id: `show-layer-${layer.id}`, onchange: (event) => toggle(layer.id, event.target.checked) });
      box.checked = chosen.has(layer.id);
      return el(
        "li",
        { "data-on": String(box.checked) },
        el("label", { class: "check" }, box, swatch(layer, at), el("span", { class: "key-word" }, data.named_layers[at])),
      );
    });
    bosoc.fill(byId("named-layers-title"), word("named_layers"));
    bosoc.fill(byId("named-layer-list"), ...lines);
  }

  function draw() {
    const chosen = shown();
    data.named.forEach((layer, at) => (chosen.has(layer.id) ? groups[at].addTo(bosoc.map) : groups[at].remove()));
    data.named.forEach((layer) => {
      const box = byId(`show-layer-${layer.id}`);
      box.checked = chosen.has(layer.id);
      box.closest("li").dataset.on = String(box.checked);
    });
  }

  const atStart = () => data.named.filter((layer) => layer.visible).map((layer) => layer.id).join(",");
  const NONE = "none";

  bosoc.written.context = {
    write: () => (!data.named || state.context === atStart() ? "" : state.context || NONE),
    read: (text) => (data.named ? (text === NONE ? "" : text) : undefined),
  };

  bosoc.drawNamedLayers = () => {
    if (!data.named) {
      return;
    }
    byId("overlays").after(
      el(
        "div",
        { class: "switches" },
        el("h2", { id: "named-layers-title" }),
        el("ul", { id: "named-layer-list", class: "switch-list", "aria-labelledby": "named-layers-title" }),
      ),
    );
    bosoc.map.createPane("named-layers").style.zIndex = 605;
    const renderer = L.svg({ pane: "named-layers", padding: 0.6 });
    groups = data.named.map((layer, at) => shapesOf(layer, at, renderer));
    state.context = atStart();
    list();
    bosoc.onChange((changed) => {
      if (changed.has("language")) {
        list();
      }
      if (changed.has("context")) {
        draw();
      }
    });
  };
})(window.geoBosoc);
