// Names on the map, as many as there is room for; the largest areas come first.
(function (bosoc) {
  "use strict";

  const { el } = bosoc;
  const GAP = 3;
  const HEIGHT = 18;
  const ROOMY = 7; // an area this many times as large as its name has it inside
  let labels = [];

  const clashes = (box, others) =>
    others.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3]);

  // Where a name may stand: inside a large area; below, above, right or left of a small one.
  function places(label, at, outline) {
    const half = label.width / 2 + GAP;
    const [left, top, right, bottom] = outline;
    const middle = (left + right) / 2;
    const around = [
      [middle, bottom + HEIGHT / 2 + 1],
      [middle, top - HEIGHT / 2 - 1],
      [right + half, (top + bottom) / 2],
      [left - half, (top + bottom) / 2],
    ];
    const room = (right - left) * (bottom - top);
    const roomy = label.whole && right - left > 1.2 * label.width && room > ROOMY * label.width * HEIGHT;
    const spots = roomy ? [[at.x, at.y]] : around;
    return spots.map(([x, y]) => ({ x, y, roomy, box: [x - half, y - HEIGHT / 2, x + half, y + HEIGHT / 2] }));
  }

  function place() {
    const map = bosoc.map;
    const size = map.getSize();
    const outlines = labels.map(({ bounds }) => {
      const northWest = map.latLngToContainerPoint([bounds[1][0], bounds[0][1]]);
      const southEast = map.latLngToContainerPoint([bounds[0][0], bounds[1][1]]);
      return [northWest.x, northWest.y, southEast.x, southEast.y];
    });
    const taken = [[0, 0, 62, 152], [size.x - 112, size.y - 30, size.x, size.y]]; // the zoom buttons, the scale
    labels.forEach((label, index) => {
      const at = map.latLngToContainerPoint(label.place);
      const others = outlines.filter((_, other) => other !== index);
      const onMap = ({ box }) => box[0] >= 0 && box[1] >= 0 && box[2] <= size.x && box[3] <= size.y;
      const free = places(label, at, outlines[index]).find(
        (spot) => onMap(spot) && !clashes(spot.box, taken) && (spot.roomy || !clashes(spot.box, others)),
      );
      label.node.style.visibility = free ? "visible" : "hidden";
      if (free) {
        label.node.style.left = `${free.x - at.x}px`;
        label.node.style.top = `${free.y - at.y}px`;
        taken.push(free.box);
      }
    });
  }

  // The names of the unit that is shown.
  function make() {
    const { areas } = bosoc.unit();
    labels.forEach(({ marker }) => marker.remove());
    labels = [];
    const order = areas.map((_, index) => index).sort((a, b) => areas[b].size - areas[a].size);
    for (const index of order) {
      const area = areas[index];
      if (area.inside) {
        const node = el("span", { class: "area-name", "aria-hidden": "true" }, area.name);
        const icon = L.divIcon({ html: node, className: "area-name-place", iconSize: [0, 0] });
        const marker = L.marker(area.inside, { icon, pane: "names", interactive: false, keyboard: false }).addTo(bosoc.map);
        labels.push({ node, marker, place: L.latLng(area.inside), bounds: area.bounds, whole: area.rings.length === 1, width: 0 });
      }
    }
    labels.forEach((label) => { label.width = label.node.offsetWidth; });
  }

  bosoc.drawNames = () => {
    const map = bosoc.map;
    const pane = map.createPane("names");
    pane.style.zIndex = 620;
    pane.style.pointerEvents = "none";
    const box = bosoc.byId("show-names");
    const show = () => {
      pane.style.display = box.checked ? "" : "none";
      if (box.checked) {
        place();
      }
    };
    box.checked = true;
    box.addEventListener("change", show);
    map.on("zoomend moveend resize", place);
    bosoc.onChange((changed) => {
      if (changed.has("unit")) {
        pane.style.display = "";
        make();
        show();
      }
    });
  };
})(window.geoBosoc);
