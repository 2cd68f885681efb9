// A second map beside the first one (below it on a phone): the same areas in a period of its own, moved as one.
// It mirrors what the first map has drawn, with other fills, so that whatever lies on one lies on both.
(function (bosoc) {
  "use strict";

  const { byId, el, state, word } = bosoc;
  let second = null;
  let copy = null;
  let leading = null; // the map that the other one follows

  state.compare = null; // the place of the second map's period

  bosoc.alongside.push((wanted) => {
    if (wanted.unit === undefined || wanted.unit === state.unit || state.compare === null || "compare" in wanted) {
      return wanted;
    }
    const same = bosoc.data.units[wanted.unit].periods.indexOf(bosoc.unit().periods[state.compare]);
    return { ...wanted, compare: same < 0 ? null : same };
  });

  bosoc.written.compare = {
    write: () => (state.compare === null ? "" : bosoc.unit().periods[state.compare]),
    read: (text) => {
      const index = bosoc.unit().periods.indexOf(text);
      return index < 0 ? null : index;
    },
    absent: null,
  };

  // What the first map has drawn, in the second one's period.
  function mirror() {
    if (state.compare === null) {
      return;
    }
    const drawn = bosoc.layer().drawn[state.compare];
    const made = bosoc.map.getPane("mapPane").cloneNode(true);
    made.classList.remove("leaflet-zoom-anim");
    made.querySelectorAll("[id]").forEach((node) => node.removeAttribute("id"));
    made.querySelectorAll(".leaflet-tooltip-pane, .leaflet-popup-pane").forEach((pane) => pane.remove());
    made.querySelectorAll("path[data-area]").forEach((path) => {
      path.setAttribute("fill", bosoc.classFill(drawn[Number(path.dataset.area)]));
    });
    if (copy) {
      copy.remove();
    }
    copy = made;
    second.getContainer().prepend(copy);
  }

  let waiting = false;
  function mirrorSoon() {
    if (!waiting && state.compare !== null) {
      waiting = true;
      // Names follow a drawing by a frame.
      window.requestAnimationFrame(() => window.requestAnimationFrame(() => {
        waiting = false;
        mirror();
      }));
    }
  }

  // Between two drawings the copy moves as the first map does.
  function moveCopy() {
    if (copy) {
      copy.style.transform = bosoc.map.getPane("mapPane").style.transform;
    }
  }
  function zoomCopy() {
    if (copy) {
      const from = bosoc.map.getPane("mapPane").querySelectorAll(".leaflet-zoom-animated");
      copy.classList.add("leaflet-zoom-anim");
      copy.querySelectorAll(".leaflet-zoom-animated").forEach((node, at) => { node.style.transform = from[at].style.transform; });
    }
  }

  function follow(leader, follower) {
    leader.on("move", () => {
      if (state.compare !== null && leading === null) {
        leading = leader;
        follower.setView(leader.getCenter(), leader.getZoom(), { animate: false });
        leading = null;
      }
    });
  }

  // An area that is pointed at on one map is marked on both.
  function pointAt(area) {
    document.querySelectorAll("#maps path.pointed").forEach((path) => path.classList.remove("pointed"));
    if (area !== null && state.compare !== null) {
      document.querySelectorAll(`#maps path[data-area="${area}"]`).forEach((path) => path.classList.add("pointed"));
    }
  }

  const areaOf = (event) => {
    const path = event.target.closest("path[data-area]");
    return path ? Number(path.dataset.area) : null;
  };

  function point() {
    const tooltip = L.tooltip({ opacity: 1, className: "tip", offset: [12, 0] });
    byId("maps").addEventListener("pointerover", (event) => pointAt(areaOf(event)));
    byId("maps").addEventListener("pointerleave", () => pointAt(null));
    second.getContainer().addEventListener("mouseover", (event) => {
      const area = areaOf(event);
      if (area === null) {
        tooltip.close();
      } else {
        tooltip.setLatLng(second.mouseEventToLatLng(event)).setContent(bosoc.tip(area, state.compare)).openOn(second);
      }
    });
    second.getContainer().addEventListener("mousemove", (event) => tooltip.setLatLng(second.mouseEventToLatLng(event)));
    second.getContainer().addEventListener("mouseleave", () => tooltip.close());
    second.on("click", ({ originalEvent }) => {
      const area = areaOf(originalEvent);
      if (area !== null) {
        bosoc.choose(area);
      }
    });
  }

  function make() {
    const { map } = bosoc;
    second = L.map("map_second", {
      attributionControl: false, zoomControl: false, keyboard: false, zoomAnimation: false,
      zoomSnap: map.options.zoomSnap, zoomDelta: map.options.zoomDelta,
    });
    second.setView(map.getCenter(), map.getZoom(), { animate: false });
    follow(map, second);
    follow(second, map);
    map.on("move", moveCopy);
    map.on("zoomanim", zoomCopy);
    map.on("viewreset", mirrorSoon);
    map.on("moveend zoomend layeradd layerremove", () => leading !== second && mirrorSoon());
    second.on("moveend", mirrorSoon);
    byId("controls").addEventListener("change", mirrorSoon);
    point();
  }

  // The second map is told how large it is, and shows what the first one does.
  function fit() {
    if (state.compare !== null && second !== null) {
      const { map } = bosoc;
      leading = map;
      second.setMinZoom(map.getMinZoom());
      second.setMaxZoom(map.getMaxZoom());
      second.setMaxBounds(map.options.maxBounds);
      second.invalidateSize({ animate: false });
      second.setView(map.getCenter(), map.getZoom(), { animate: false });
      leading = null;
      mirror();
    }
  }

  // How many areas' categories are worse and better in the first map's period than in the second's.
  function compared() {
    const layer = bosoc.layer();
    if (layer.kind !== "category" || state.compare === state.period) {
      return "";
    }
    const [from, to] = [state.compare, state.period].sort((a, b) => a - b);
    const all = bosoc.unit().areas.map((_, area) => bosoc.shiftOf(layer, from, to, area));
    const count = (shift) => bosoc.number(all.filter((each) => each === shift).length);
    const { periods } = bosoc.unit();
    return word("compared", { from: periods[from], to: periods[to], worse: count("worse"), better: count("better") });
  }

  function tell() {
    const { periods } = bosoc.unit();
    const isOn = state.compare !== null;
    byId("open-compare").hidden = periods.length < 2;
    byId("open-compare").setAttribute("aria-pressed", String(isOn));
    bosoc.fill(byId("open-compare"), word("compare"));
    byId("first-caption").hidden = !isOn;
    bosoc.fill(byId("first-caption"), bosoc.period());
    const told = isOn ? compared() : "";
    byId("compared").hidden = told === "";
    bosoc.fill(byId("compared"), told);
    if (isOn) {
      bosoc.fill(byId("compare-period"), ...periods.map((period, index) => el("option", { value: index }, period)));
      byId("compare-period").value = String(state.compare);
      byId("compare-period").setAttribute("aria-label", word("compare_period"));
      second.getContainer().setAttribute("aria-label", `${word("map")}, ${periods[state.compare]}`);
    }
  }

  bosoc.drawCompare = () => {
    byId("open-compare").addEventListener("click", () => {
      const other = state.period > 0 ? state.period - 1 : 1;
      bosoc.change({ compare: state.compare === null ? other : null });
    });
    byId("compare-period").addEventListener("change", () => bosoc.change({ compare: Number(byId("compare-period").value) }));
    ["beforeprint", "afterprint"].forEach((name) => window.addEventListener(name, fit));
    bosoc.map.on("resize", fit);
    bosoc.onChange((changed) => {
      const isOn = state.compare !== null;
      if (changed.has("compare") && byId("second-frame").hidden === isOn) {
        bosoc.rearrange("compare", isOn, () => {
          byId("second-frame").hidden = !isOn;
          byId("controls").parentElement.classList.toggle("comparing", isOn);
        });
        if (isOn && second === null) {
          make();
        }
        fit();
      }
      tell();
      mirrorSoon();
    });
  };
})(window.geoBosoc);
