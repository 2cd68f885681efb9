// Surfaces (density of residents, rates among the nearest ones): one at a time beneath the areas, which are outlines then.
(function (bosoc) {
  "use strict";

  const { byId, data, el, state, svg, word } = bosoc;
  const NONE = "";
  let images = [];

  const chosen = () => (data.surfaces || []).findIndex((surface) => surface.id === state.surface);

  // The surface that is shown: what it is, its classes and what it says; null where none is.
  bosoc.surfaceShown = () => {
    const at = chosen();
    if (at < 0) {
      return null;
    }
    const { label, classes, note } = data.surface_words[at];
    return { label, note, classes: classes.map((text, index) => ({ text, colour: data.surfaces[at].colours[index] })) };
  };

  const swatch = (colour) =>
    svg(
      "svg",
      { class: "swatch", width: 26, height: 18, "aria-hidden": "true", focusable: "false" },
      svg("rect", { x: 0.5, y: 0.5, width: 25, height: 17, fill: colour, stroke: "#44474c" }),
    );

  function choice(id, label) {
    const button = el("input", { type: "radio", name: "surface", id: `show-surface-${id || "none"}`, onchange: () => bosoc.change({ surface: id }) });
    button.checked = state.surface === id;
    return el("label", { class: "check" }, button, el("span", { class: "key-word" }, label));
  }

  function list() {
    bosoc.fill(byId("surfaces-title"), word("surfaces"));
    bosoc.fill(
      byId("surface-list"),
      choice(NONE, word("no_surface")),
      ...data.surfaces.map(({ id }, at) => choice(id, data.surface_words[at].label)),
    );
  }

  function legend() {
    const shown = bosoc.surfaceShown();
    byId("surface-key").hidden = shown === null;
    bosoc.fill(byId("surface-classes"), ...(shown ? shown.classes : []).map(({ text, colour }) => el("li", {}, swatch(colour), el("span", { class: "key-word" }, text))));
    bosoc.fill(byId("surface-classes-title"), shown ? shown.label : "");
    bosoc.fill(byId("surface-note"), shown ? `${shown.note} ${word("surfaces_note")}` : "");
  }

  function draw() {
    const at = chosen();
    images.forEach((image, index) => (index === at ? image.addTo(bosoc.map) : image.remove()));
    data.surfaces.forEach(({ id }) => { byId(`show-surface-${id}`).checked = state.surface === id; });
    byId("show-surface-none").checked = at < 0;
    byId("surfaces").dataset.on = String(at >= 0);
    // Fills would hide what lies beneath them.
    bosoc.map.getPane("overlayPane").classList.toggle("over-surface", at >= 0);
  }

  bosoc.written.surface = {
    write: () => state.surface || "",
    read: (text) => ((data.surfaces || []).some((surface) => surface.id === text) ? text : undefined),
    absent: NONE,
  };

  bosoc.drawSurfaces = () => {
    state.surface = NONE;
    if (!data.surfaces) {
      return;
    }
    bosoc.map.createPane("surfaces").style.zIndex = 350;
    images = data.surfaces.map(({ id, bounds }) =>
      L.imageOverlay(byId(`surface-picture-${id}`).src, bounds, { pane: "surfaces", interactive: false, className: "surface" }));
    byId("controls").querySelector(".key").append(
      el(
        "div",
        { class: "switches", id: "surfaces" },
        el("h2", { id: "surfaces-title" }),
        el("div", { id: "surface-list", role: "radiogroup", "aria-labelledby": "surfaces-title" }),
        el(
          "div",
          { id: "surface-key" },
          el("p", { id: "surface-classes-title", class: "key-layer" }),
          el("ul", { id: "surface-classes", "aria-labelledby": "surface-classes-title" }),
          el("p", { id: "surface-note", class: "small" }),
        ),
      ),
    );
    bosoc.onChange((changed) => {
      if (changed.has("language")) {
        list();
      }
      if (changed.has("surface")) {
        draw();
      }
      if (changed.has("language") || changed.has("surface")) {
        legend();
      }
    });
  };
})(window.geoBosoc);
