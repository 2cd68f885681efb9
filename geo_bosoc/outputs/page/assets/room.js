// Room for more than the map: what the map showed stays in sight when it gets smaller, and comes back when it grows.
(function (bosoc) {
  "use strict";

  const steps = new Map(); // how far the map was zoomed out, by what took its room

  // `arrange` gives part of the map's room to something (`isTaken`), or gives it back.
  bosoc.rearrange = (name, isTaken, arrange) => {
    const { map } = bosoc;
    const [center, zoom, bounds] = [map.getCenter(), map.getZoom(), map.getBounds()];
    arrange();
    map.invalidateSize({ animate: false });
    const out = isTaken ? Math.max(0, zoom - map.getBoundsZoom(bounds)) : -(steps.get(name) || 0);
    steps.set(name, isTaken ? out : 0);
    map.setView(center, zoom - out, { animate: false });
  };
})(window.geoBosoc);
