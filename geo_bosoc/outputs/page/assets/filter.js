// Only some of the areas: those of chosen classes of the legend, or whose category has changed since the last period.
// The others fade; list and table leave them out, and it is told how many are shown.
(function (bosoc) {
  "use strict";

  const { byId, el, state, word } = bosoc;
  const SHIFTS = { "": "shift_none", worse: "shift_worse", better: "shift_better", any: "shift_any" };
  const BETWEEN = "|";

  Object.assign(state, { only: "", shift: "" }); // ids of classes of the layer; a key of SHIFTS

  const onlyIds = () => (state.only === "" ? [] : state.only.split(BETWEEN));
  bosoc.isOnly = (id) => onlyIds().includes(id);
  bosoc.toggleOnly = (id) => {
    const others = onlyIds().filter((each) => each !== id);
    const ids = bosoc.isOnly(id) ? others : [...others, id];
    bosoc.change({ only: ids.join(BETWEEN) });
  };

  // Classes are a layer's own.
  bosoc.alongside.push((wanted) => {
    const other = ["unit", "layer"].some((name) => wanted[name] !== undefined && wanted[name] !== state[name]);
    return other ? { only: "", ...wanted } : wanted;
  });

  // The layer that categories are taken from: the one that is shown, else the unit's first.
  bosoc.categoryLayer = () => {
    const layer = bosoc.layer();
    return layer.kind === "category" ? layer : bosoc.unit().layers.find((each) => each.kind === "category");
  };

  // How bad an area's category is at least and at most; null where it has none.
  function badness(layer, period, area) {
    const place = layer.drawn[period][area];
    const { id, range, beside } = layer.classes[place];
    if (beside) {
      return null;
    }
    const ids = range ? id.slice(id.indexOf(":") + 1).split(", ") : [id];
    const ranks = layer.classes.flatMap((each, index) => (ids.includes(each.id) ? [layer.ranks[index]] : []));
    return ranks.length > 0 ? [Math.min(...ranks), Math.max(...ranks)] : null;
  }

  // Whether an area's category is worse or better than in an earlier period; "" where it is not, or cannot be told.
  bosoc.shiftOf = (layer, before, period, area) => {
    const [then, now] = [before, period].map((each) => badness(layer, each, area));
    if (then === null || now === null) {
      return "";
    }
    return now[1] < then[0] ? "worse" : now[0] > then[1] ? "better" : "";
  };

  const canShift = () => Boolean(bosoc.categoryLayer()) && state.period > 0;
  const shifts = () => (canShift() ? state.shift : "");

  let latest = { key: null, passing: [] };
  function passing() {
    const key = [state.unit, state.layer, state.period, state.only, state.shift].join();
    if (latest.key !== key) {
      const ids = new Set(onlyIds());
      const { classes } = bosoc.layer();
      const passes = (area) => {
        if (ids.size > 0 && !ids.has(classes[bosoc.classIndex(area)].id)) {
          return false;
        }
        const shift = shifts() && bosoc.shiftOf(bosoc.categoryLayer(), state.period - 1, state.period, area);
        return !shifts() || (shifts() === "any" ? shift !== "" : shift === shifts());
      };
      latest = { key, passing: bosoc.unit().areas.map((_, area) => passes(area)) };
    }
    return latest.passing;
  }
  bosoc.passes = (area) => passing()[area];
  bosoc.isFiltered = () => state.only !== "" || shifts() !== "";
  bosoc.filterTold = () =>
    word("filter_told", { count: bosoc.number(passing().filter(Boolean).length), all: bosoc.number(passing().length) });

  // Areas that are left out stay where they are, faintly.
  function fade() {
    for (const path of bosoc.map.getContainer().querySelectorAll("path[data-area]")) {
      path.classList.toggle("faded", !bosoc.passes(Number(path.dataset.area)));
    }
  }

  function tell(changed) {
    byId("filter").hidden = !bosoc.isFiltered();
    bosoc.fill(byId("filter-told"), bosoc.filterTold());
    const isChosen = !changed.has("layer") && ["only", "shift"].some((name) => changed.has(name));
    if (isChosen && document.documentElement.dataset.ready === "true") {
      bosoc.announce(bosoc.filterTold());
    }
  }

  function choices() {
    const field = byId("shift-field");
    field.hidden = !bosoc.categoryLayer() || bosoc.unit().periods.length < 2;
    bosoc.fill(byId("shift-label"), word("shift"));
    bosoc.fill(
      byId("shift"),
      ...Object.entries(SHIFTS).map(([value, key]) => el("option", { value }, word(key))),
    );
    byId("shift").value = state.shift;
    byId("shift").disabled = !canShift() && state.shift === "";
    byId("shift-note").hidden = canShift();
    bosoc.fill(byId("shift-note"), word("no_before"));
    bosoc.fill(byId("filter-clear"), word("filter_clear"));
  }

  // In the address: classes by id, and the change.
  bosoc.written.only = {
    write: () => state.only,
    read: (text) => {
      const ids = text.split(BETWEEN);
      return bosoc.layer().classes.map((each) => each.id).filter((id) => ids.includes(id)).join(BETWEEN);
    },
    absent: "",
  };
  bosoc.written.shift = {
    write: () => state.shift,
    read: (text) => (text in SHIFTS ? text : ""),
    absent: "",
  };

  bosoc.drawFilter = () => {
    byId("shift").addEventListener("change", () => bosoc.change({ shift: byId("shift").value }));
    byId("filter-clear").addEventListener("click", () => {
      bosoc.change({ only: "", shift: "" });
      byId("layer").focus();
    });
    bosoc.map.on("zoomend", fade);
    bosoc.onChange((changed) => {
      if (["unit", "layer", "period", "only", "shift", "language"].some((name) => changed.has(name))) {
        choices();
        fade();
        tell(changed);
      }
    });
  };
})(window.geoBosoc);
