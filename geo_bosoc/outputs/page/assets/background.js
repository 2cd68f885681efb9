// The picture that lies beneath everything: a switch, how strongly it is drawn, and who made it.
(function (bosoc) {
  "use strict";

  const { byId, data, el, state, word } = bosoc;
  const LEAST = 10; // per cent
  let image = null;
  let strength = LEAST; // what switching it on goes back to

  function controls() {
    const box = el("input", { type: "checkbox", id: "show-background", onchange: (event) => bosoc.change({ background: event.target.checked ? strength : 0 }) });
    const slider = el("input", { type: "range", id: "background-strength", min: LEAST, max: 100, step: 5, oninput: (event) => bosoc.change({ background: Number(event.target.value) }) });
    return el(
      "div",
      { class: "switches", id: "background" },
      el("label", { class: "check" }, box, el("span", { class: "key-word", id: "background-label" })),
      el("label", { class: "strength", id: "background-strength-line" }, el("span", { id: "background-strength-label" }), slider),
    );
  }

  function draw() {
    const { background } = state;
    strength = background || strength;
    byId("show-background").checked = background > 0;
    byId("background-strength").value = String(strength);
    byId("background-strength").setAttribute("aria-valuetext", `${strength} %`);
    byId("background-strength-line").hidden = background === 0;
    byId("background-made-by").hidden = background === 0;
    // What is drawn in plain colours would lie over it: land, water and woods are in the picture.
    bosoc.map.getPane("context").classList.toggle("over-picture", background > 0);
    if (background > 0) {
      image.setOpacity(strength / 100).addTo(bosoc.map);
    } else {
      image.remove();
    }
  }

  const atStart = () => (data.background.visible ? data.background.opacity : 0);

  bosoc.written.background = {
    write: () => (!data.background || state.background === atStart() ? "" : String(state.background)),
    read: (text) => {
      const percent = Number(text);
      const valid = data.background && text !== "" && (percent === 0 || (percent >= LEAST && percent <= 100));
      return valid ? percent : undefined;
    },
  };

  bosoc.drawBackground = () => {
    if (!data.background) {
      return;
    }
    const { bounds, attribution, opacity } = data.background;
    bosoc.map.createPane("background").style.zIndex = 250;
    image = L.imageOverlay(byId("background-picture").src, bounds, { pane: "background", interactive: false });
    byId("controls").querySelector(".key").append(controls());
    bosoc.map.getContainer().append(el("p", { id: "background-made-by", class: "made-by" }, attribution));
    strength = opacity;
    state.background = atStart();
    bosoc.onChange((changed) => {
      if (changed.has("language")) {
        bosoc.fill(byId("background-label"), word("background"));
        bosoc.fill(byId("background-strength-label"), word("background_strength"));
      }
      if (changed.has("background")) {
        draw();
      }
    });
  };
})(window.geoBosoc);
