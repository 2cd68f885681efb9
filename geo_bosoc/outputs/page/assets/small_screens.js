// On a small screen the legend folds, and where the page scrolls as one, what is opened is scrolled to.
(function (bosoc) {
  "use strict";

  const { byId, el, state, word } = bosoc;

  function foldedLegend() {
    const key = document.querySelector(".key");
    const button = el("button", { type: "button", "aria-expanded": "true", "aria-controls": "key-list" });
    button.addEventListener("click", () => {
      const isFolded = key.classList.toggle("folded");
      button.setAttribute("aria-expanded", String(!isFolded));
      bosoc.map.invalidateSize({ animate: false });
    });
    key.prepend(el("h2", { class: "key-fold" }, button));
    bosoc.onChange((changed) => changed.has("language") && bosoc.fill(button, word("legend")));
  }

  bosoc.drawSmallScreens = () => {
    foldedLegend();
    bosoc.onChange((changed) => {
      const panel = byId("panel");
      if (changed.has("area") && state.area !== null && bosoc.narrow() && window.getComputedStyle(panel).position === "static") {
        window.requestAnimationFrame(() => panel.scrollIntoView({ block: "start" }));
      }
    });
  };
})(window.geoBosoc);
