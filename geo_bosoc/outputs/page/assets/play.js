// Play through the periods: one after another to the last; any choice of the reader's stops it.
(function (bosoc) {
  "use strict";

  const { byId, state, svg, word } = bosoc;
  const EACH = 1500; // milliseconds
  const PLAY = "M5 3L16 10L5 17Z";
  const STOP = "M4 4H16V16H4Z";
  let timer = null;
  let stepping = false;

  const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  function show() {
    const button = byId("play");
    const label = word(timer === null ? "play" : "play_stop");
    button.hidden = bosoc.unit().periods.length < 2;
    button.title = label;
    button.setAttribute("aria-label", label);
    bosoc.fill(
      button,
      svg("svg", { viewBox: "0 0 20 20", width: 18, height: 18, "aria-hidden": "true", focusable: "false" },
        svg("path", { d: timer === null ? PLAY : STOP, fill: "currentColor" })),
    );
  }

  function stop() {
    window.clearTimeout(timer);
    timer = null;
    show();
  }

  function go(period) {
    stepping = true;
    bosoc.change({ period });
    stepping = false;
    if (!calm()) {
      bosoc.map.getPane("overlayPane").animate([{ opacity: 0.35 }, { opacity: 1 }], 300);
    }
  }

  function next() {
    const last = bosoc.unit().periods.length - 1;
    if (state.period < last) {
      go(state.period + 1);
    }
    timer = state.period < last ? window.setTimeout(next, EACH) : null;
    show();
  }

  function start() {
    if (state.period === bosoc.unit().periods.length - 1) {
      go(0);
    }
    timer = window.setTimeout(next, EACH);
    show();
  }

  bosoc.drawPlay = () => {
    byId("play").addEventListener("click", () => (timer === null ? start() : stop()));
    bosoc.onChange(() => !stepping && stop());
  };
})(window.geoBosoc);
