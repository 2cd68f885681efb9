// What a screen reader is told when something else is shown: the layer, the period, and how many areas are in each class.
(function (bosoc) {
  "use strict";

  const { state, word } = bosoc;
  const SHOWN = ["unit", "layer", "period"];

  function told() {
    const layer = bosoc.layer();
    const { counts } = bosoc.legend(layer, state.period);
    const all = counts.reduce((sum, count) => sum + count, 0);
    const classes = layer.classes.flatMap(({ label }, index) => (counts[index] > 0 ? [`${label}: ${bosoc.number(counts[index])}`] : []));
    const shown = word("map_shows", { layer: layer.label, period: bosoc.period(), count: bosoc.number(all) });
    return [`${shown} ${classes.join("; ")}.`, state.area === null ? "" : `${bosoc.describe(state.area)}.`].join(" ").trim();
  }

  bosoc.drawSpoken = () => {
    bosoc.onChange((changed) => {
      if (document.documentElement.dataset.ready !== "true") {
        return;
      }
      if (SHOWN.some((name) => changed.has(name))) {
        bosoc.announce(told());
      } else if (changed.has("area") && state.area !== null) {
        bosoc.announce(bosoc.describe(state.area));
      }
    });
  };
})(window.geoBosoc);
