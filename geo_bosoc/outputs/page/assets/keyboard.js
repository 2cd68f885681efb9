// The map by keyboard: it is one tab stop. Arrow keys go to the nearest area in their direction, Home and End to the
// first and last of the list, Page Up and Page Down to the one before and after. Enter opens the area in the panel and
// Escape comes back. The area that is stood on is outlined, named, and told to a screen reader.
(function (bosoc) {
  "use strict";

  const { byId, el, state, word } = bosoc;
  const DIRECTIONS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
  const PLACES = { Home: () => 0, End: (_, last) => last, PageDown: (at, last) => Math.min(at + 1, last), PageUp: (at) => Math.max(at - 1, 0) };
  const SMALL = 16; // pixels: an area that is less wide and high is ringed
  const LINES = [{ color: "#ffffff", weight: 8 }, { color: "#1546a8", weight: 4 }];
  let stood = null; // the area that is stood on
  let origin = null; // of an area that was opened from the map: whether the panel was open
  let before = null; // the area that was open before
  let marks = null;
  let tooltip = null;
  let renderer = null;

  const container = () => bosoc.map.getContainer();
  const hasFocus = () => document.activeElement === container();

  // The areas that can be gone to, in the order of the list.
  const order = () => {
    const { areas } = bosoc.unit();
    return bosoc.order(bosoc.layer(), state.period).filter((index) => areas[index].inside && bosoc.passes(index));
  };

  // The nearest area in a direction: of those that lie less than 45 degrees from it, else of those on that side.
  function toward(from, [right, down]) {
    const { areas } = bosoc.unit();
    const at = (index) => bosoc.map.project(areas[index].inside, 18);
    const here = at(from);
    const ways = order().filter((index) => index !== from).map((index) => {
      const way = at(index).subtract(here);
      const along = way.x * right + way.y * down;
      const across = Math.abs(way.x * down - way.y * right);
      return { index, along, across, far: along + across };
    });
    const before = ways.filter(({ along }) => along > 0);
    const ahead = before.filter(({ along, across }) => across <= along);
    const nearest = (ahead.length > 0 ? ahead : before).reduce((a, b) => (a === null || b.far < a.far ? b : a), null);
    return nearest && nearest.index;
  }

  function hide() {
    marks.clearLayers();
    tooltip.close();
  }

  function show() {
    const { map } = bosoc;
    const shape = bosoc.shapeOf(stood);
    hide();
    const size = map.latLngToLayerPoint(shape.getBounds().getSouthEast()).subtract(map.latLngToLayerPoint(shape.getBounds().getNorthWest()));
    const place = L.latLng(bosoc.unit().areas[stood].inside);
    for (const line of LINES) {
      const look = { ...line, fill: false, interactive: false, pane: "standing", renderer, className: "standing" };
      const isSmall = size.x < SMALL && size.y < SMALL;
      marks.addLayer(isSmall ? L.circleMarker(place, { ...look, radius: 12 }) : L.polygon(shape.getLatLngs(), look));
    }
    tooltip.setLatLng(place).setContent(bosoc.tip(stood)).openOn(map);
  }

  // Move the map no more than it takes to see the area, clear of buttons and of an open sheet.
  function bringInSight() {
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    bosoc.map.panInside(bosoc.unit().areas[stood].inside, { paddingTopLeft: [80, 70], paddingBottomRight: [50, 40 + bosoc.covered()], animate: !still });
  }

  // A name, its class and its figure, as they are told.
  bosoc.describe = (index) => {
    const layer = bosoc.layer();
    const label = layer.kind === "category" ? layer.classes[bosoc.classIndex(index)].label : "";
    return [bosoc.unit().areas[index].name, label, bosoc.note(layer, state.period, index)].filter(Boolean).join(", ");
  };

  function stand(index) {
    const all = order();
    stood = index;
    bringInSight();
    show();
    bosoc.announce(word("map_area", { told: bosoc.describe(index), place: bosoc.number(all.indexOf(index) + 1), count: bosoc.number(all.length) }));
  }

  // Where the keyboard is when it comes to the map: at the open area, where it was, or at the first of the list.
  function start() {
    const all = order();
    const found = [state.area, stood].find((index) => index !== null && all.includes(index));
    return found === undefined ? (all.length > 0 ? all[0] : null) : found;
  }

  function go(key) {
    const from = start();
    if (from === null) {
      return;
    }
    if (marks.getLayers().length === 0) {
      stand(from);
    }
    const all = order();
    const next = DIRECTIONS[key] ? toward(from, DIRECTIONS[key]) : all[PLACES[key](all.indexOf(from), all.length - 1)];
    if (next === null) {
      bosoc.announce(word("map_edge"));
    } else {
      stand(next);
    }
  }

  function open() {
    const from = start();
    if (from !== null) {
      stood = from;
      origin = { wasOpen: byId("panel").dataset.open === "true" };
      bosoc.choose(from, { focus: true });
    }
  }

  function press(event) {
    if (event.target !== container() || event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }
    const { key } = event;
    const act = {
      Enter: open,
      " ": open,
      "+": () => bosoc.map.zoomIn(),
      "-": () => bosoc.map.zoomOut(),
    }[key] || (DIRECTIONS[key] || PLACES[key] ? () => go(key) : null);
    if (act) {
      event.preventDefault();
      act();
    }
  }

  const rows = () => [...byId("panel-content").querySelectorAll(".rows .row")];

  function standOnRow(row) {
    rows().forEach((each) => each.setAttribute("tabindex", each === row ? "0" : "-1"));
    row.focus();
  }

  // The list is one tab stop too.
  function pressInList(event) {
    const row = event.target.closest(".rows .row");
    const all = row ? rows() : [];
    const at = all.indexOf(row);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (at >= 0 && to !== undefined) {
      event.preventDefault();
      standOnRow(all[Math.min(Math.max(to, 0), all.length - 1)]);
    }
  }

  // Back to all areas, and to the line of the one that was open.
  bosoc.backToList = () => {
    const left = state.area;
    origin = null;
    bosoc.choose(null, { focus: true });
    const row = rows().find((each) => Number(each.dataset.area) === left);
    if (row && row.offsetParent) {
      standOnRow(row);
    }
  };

  // Escape leaves the open area for where it was opened from; what a pointer has opened over the map goes first.
  function escape() {
    if (state.area === null) {
      hide();
      bosoc.map.eachLayer((layer) => layer instanceof L.Tooltip && layer.close());
    } else if (origin !== null) {
      const { wasOpen } = origin;
      origin = null;
      bosoc.choose(null);
      bosoc.openPanel(wasOpen);
      container().focus({ preventScroll: true });
    } else {
      bosoc.backToList();
    }
  }

  function pressAnywhere(event) {
    const inDialog = document.querySelector("dialog[open]") !== null;
    if (event.key === "Escape" && !inDialog && event.target.id !== "search" && !event.defaultPrevented) {
      escape();
    }
  }

  function skipLink() {
    const button = el("button", { type: "button", class: "skip", onclick: () => container().focus() });
    document.querySelector(".app").prepend(button);
    bosoc.onChange((changed) => changed.has("language") && bosoc.fill(button, word("to_map")));
  }

  bosoc.drawKeyboard = () => {
    const { map } = bosoc;
    const node = container();
    map.keyboard.disable(); // Leaflet's own moves the map
    node.tabIndex = 0;
    map.createPane("standing").style.zIndex = 640;
    renderer = L.svg({ pane: "standing", padding: 0.6 });
    marks = L.layerGroup().addTo(map);
    tooltip = L.tooltip({ opacity: 1, className: "tip", direction: "top", offset: [0, -14] });
    node.addEventListener("keydown", press);
    node.addEventListener("focus", () => {
      const from = start();
      if (node.matches(":focus-visible") && from !== null) {
        stand(from);
      }
    });
    node.addEventListener("blur", hide);
    node.addEventListener("pointerdown", hide);
    // Buttons of the map are links that Leaflet calls buttons: a space presses them too.
    node.addEventListener("keydown", (event) => {
      const button = event.target.closest("a[role='button']");
      if (button && event.key === " ") {
        event.preventDefault();
        button.click();
      }
    });
    byId("panel-content").addEventListener("keydown", pressInList);
    document.addEventListener("keydown", pressAnywhere);
    skipLink();
    bosoc.onChange((changed) => {
      if (changed.has("unit")) {
        stood = null;
      }
      if (changed.has("area") && before === null && !hasFocus()) {
        origin = null;
      }
      before = state.area;
      if (hasFocus() && marks.getLayers().length > 0 && !changed.has("area")) {
        hide();
      }
    });
  };
})(window.geoBosoc);
