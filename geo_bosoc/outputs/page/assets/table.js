// The table beneath the map: what the map shows, area by area. It is sorted by its columns, copied, and saved as CSV.
(function (bosoc) {
  "use strict";

  const { byId, data, el, state, word } = bosoc;
  const MAP_ORDER = "order";
  const LAST = Infinity;
  const AT_ONCE = 60; // rows that are made before the page answers
  const LEAST_ROW = 30; // pixels

  state.table = ""; // "": closed; else what it is sorted by: MAP_ORDER, or a column, with "-" before it the other way

  bosoc.written.table = {
    write: () => state.table,
    read: (text) => (text === MAP_ORDER || columns().some(({ id }) => id === text.replace(/^-/, "")) ? text : MAP_ORDER),
    absent: "",
  };

  // A number as it is read on the page, and as a spreadsheet reads it.
  const mark = () => (state.language === "da" ? "," : ".");
  const bare = (value, decimals) => value.toFixed(decimals).replace(".", mark());
  const numeric = (value, decimals, suffix = "") => ({
    text: bosoc.number(value, decimals) + suffix,
    plain: bare(value, decimals),
    sort: value,
    number: true,
  });
  const worded = (text, sort = LAST) => ({ text, plain: text, sort });

  const category = (layer, period) => (area) => {
    const place = layer.drawn[period][area];
    return { ...worded(layer.classes[place].label, layer.ranks[place]), swatch: [place, bosoc.unit().layers.indexOf(layer)] };
  };

  const points = (layer, period) => (area) => {
    const [exact, least, most] = ["points", "least", "most"].map((name) => (layer[name] ? layer[name][period][area] : null));
    const isIndex = bosoc.unit().models[layer.model].kind === "index";
    const told = (value) => numeric(value, isIndex ? 2 : Number.isInteger(value) ? 0 : 1);
    if (exact !== null || (least !== null && least === most)) {
      return told(exact === null ? least : exact);
    }
    if (least === null || most === null) {
      return worded("");
    }
    return { ...worded(`${told(least).text}–${told(most).text}`, most), number: true };
  };

  const figure = (layer, period) => (area) => {
    const indicator = bosoc.unit().indicators[layer.indicator];
    const status = bosoc.statusOf(indicator, period, area);
    const whole = bosoc.read(indicator, "value", period, area);
    if (status !== "ok" || whole === null) {
      return worded(bosoc.statusWord(status));
    }
    const value = whole / 10 ** indicator.decimals;
    return { ...numeric(value, indicator.decimals), text: bosoc.figure(indicator, whole, { bare: true }) };
  };

  const unitOf = (layer) => {
    const suffix = (data.suffixes[bosoc.unit().indicators[layer.indicator].unit] || "").trim();
    return suffix ? `${layer.label} (${suffix})` : layer.label;
  };

  // The columns: name, category and points, the layer's figure, and the same of the period before.
  function columns() {
    const layer = bosoc.layer();
    const { areas, periods } = bosoc.unit();
    const { period } = state;
    const base = bosoc.categoryLayer();
    const made = [{ id: "name", label: word("area_name"), read: (area) => worded(areas[area].name, areas[area].place) }];
    const ofCategory = (at, suffix) => {
      made.push({ id: `category${suffix}`, label: `${word("category")} ${periods[at]}`, read: category(base, at) });
      if (base.points || base.least) {
        made.push({ id: `points${suffix}`, label: `${word("points_column")} ${periods[at]}`, read: points(base, at) });
      }
    };
    const ofFigure = (at, suffix) =>
      made.push({ id: `figure${suffix}`, label: `${unitOf(layer)} ${periods[at]}`, read: figure(layer, at) });
    if (base) {
      ofCategory(period, "");
    }
    if (layer.notes) {
      made.push({ id: "note", label: word("note"), read: (area) => worded(layer.notes[period][area], layer.notes[period][area]) });
    }
    const own = layer.kind === "indicator" ? ofFigure : ofCategory;
    if (own === ofFigure) {
      own(period, "");
    }
    if (period > 0) {
      own(period - 1, "-before");
    }
    return made;
  }

  // The areas that are shown, in the table's order; what has no figure comes last whichever way it is sorted.
  function order(all) {
    const shown = bosoc.order(bosoc.layer(), state.period).filter(bosoc.passes);
    const column = all.find(({ id }) => id === state.table.replace(/^-/, ""));
    if (!column) {
      return shown;
    }
    const way = state.table.startsWith("-") ? -1 : 1;
    const keys = new Map(shown.map((area) => [area, column.read(area).sort]));
    const compare = (a, b) => {
      const [x, y] = [keys.get(a), keys.get(b)];
      return x === y ? 0 : x === LAST ? 1 : y === LAST ? -1 : (x < y ? -1 : 1) * way;
    };
    return shown.sort(compare);
  }

  // As the files of a run are written: text that a spreadsheet would take for a formula has an apostrophe before it.
  const RISKY = /^'*[=+\-@\t\r\n]/;
  const NUMBER = /^[+-]?\d+([.,]\d+)?([eE][+-]?\d+)?$/;
  const guarded = (text) => (RISKY.test(text) && !NUMBER.test(text) ? `'${text}` : text);

  // What leaves the page: the table's rows with the areas' ids, and the stamp of figures that are for internal use.
  function rows() {
    const all = columns();
    const stamp = data.notices.filter((notice) => notice.kind === "internal").map((notice) => notice.text).join(" ");
    const { areas } = bosoc.unit();
    const head = [word("area_id"), ...all.map(({ label }) => label), ...(stamp ? [word("stamp")] : [])];
    const lines = order(all).map((area) => [areas[area].id, ...all.map(({ read }) => read(area).plain), ...(stamp ? [stamp] : [])]);
    return [head, ...lines].map((line) => line.map(String));
  }

  bosoc.csvText = () => {
    const delimiter = state.language === "da" ? ";" : ",";
    const quoted = (text) => quote(guarded(text));
    const quote = (cell) => (/["\r\n]/.test(cell) || cell.includes(delimiter) ? `"${cell.replaceAll('"', '""')}"` : cell);
    return `\ufeff${rows().map((line) => line.map(quoted).join(delimiter)).join("\r\n")}\r\n`;
  };
  bosoc.copyText = () => rows().map((line) => line.map((cell) => guarded(cell.replace(/[\t\r\n]+/g, " "))).join("\t")).join("\n");

  const save = () =>
    bosoc.download(new Blob([bosoc.csvText()], { type: "text/csv;charset=utf-8" }), bosoc.fileName(word("table"), "csv"));

  function say(text) {
    bosoc.fill(byId("table-said"), text);
  }

  // Where the browser keeps its clipboard to itself the text stands selected, for Ctrl+C.
  async function copy() {
    const text = bosoc.copyText();
    const box = byId("table-text");
    try {
      await navigator.clipboard.writeText(text);
      box.hidden = true;
      say(word("copied"));
    } catch (error) {
      box.hidden = false;
      box.value = text;
      box.focus();
      box.select();
      say(word("copy_by_hand"));
    }
  }

  function heading() {
    const button = (id, key, press) => el("button", { type: "button", class: "quiet", id, onclick: press }, word(key));
    return el(
      "header",
      {},
      el("h2", { id: "table-title" }),
      el("p", { class: "small", id: "table-said", role: "status" }),
      button("table-copy", "copy", copy),
      button("table-save", "save_csv", save),
      button("table-close", "close", () => {
        bosoc.change({ table: "" });
        byId("open-table").focus();
      }),
    );
  }

  function head({ id, label }) {
    const sorted = state.table === id ? "ascending" : state.table === `-${id}` ? "descending" : "none";
    const sort = () => bosoc.change({ table: state.table === id ? `-${id}` : state.table === `-${id}` ? MAP_ORDER : id });
    return el(
      "th",
      { scope: "col", "aria-sort": sorted },
      el("button", { type: "button", "data-column": id, onclick: sort }, label,
        el("span", { class: "sorted", "aria-hidden": "true" }, { ascending: " ▲", descending: " ▼", none: "" }[sorted])),
    );
  }

  function choose(area) {
    const { inside } = bosoc.unit().areas[area];
    bosoc.choose(area);
    if (inside) {
      bosoc.map.panInside(inside, { padding: [50, 50] });
    }
  }

  function chosenOrNot(line) {
    const isChosen = Number(line.dataset.row) === state.area;
    line.classList.toggle("chosen", isChosen);
    line[isChosen ? "setAttribute" : "removeAttribute"]("aria-current", "true");
    return line;
  }

  function row(all, area) {
    const cells = all.map(({ id, read }) => {
      const { text, number, swatch } = read(area);
      if (id === "name") {
        return el("th", { scope: "row" }, el("button", { type: "button" }, text));
      }
      return el("td", { class: number ? "number" : null }, swatch ? el("span", { class: "badge" }, bosoc.swatch(...swatch), text) : text);
    });
    return chosenOrNot(el("tr", { "data-row": area, onclick: () => choose(area) }, ...cells));
  }

  const showChosen = () => byId("table").querySelectorAll("tr[data-row]").forEach(chosenOrNot);

  // The frame stays while the rows change, so that scrolling and the keyboard's place stay.
  function draw() {
    const part = byId("table");
    if (!byId("table-title")) {
      part.append(el("div", { id: "table-head" }),
        el("textarea", { id: "table-text", readonly: true, rows: 4, hidden: true }),
        el("div", { class: "table-scroll", id: "table-scroll", tabindex: "0", role: "region", "aria-labelledby": "table-title" }));
    }
    const scroll = byId("table-scroll");
    const focused = part.contains(document.activeElement) ? document.activeElement : null;
    const [column, line, button] = [focused && focused.dataset.column, focused && focused.closest("tr[data-row]"), focused && focused.id];
    const top = scroll.scrollTop;
    const all = columns();
    const shown = order(all);
    const seen = Math.ceil((top + scroll.clientHeight) / LEAST_ROW);
    const body = bosoc.inParts(el("tbody"), shown, (area) => row(all, area), Math.max(seen, AT_ONCE, line ? shown.indexOf(Number(line.dataset.row)) + 1 : 0));
    bosoc.fill(byId("table-head"), heading());
    bosoc.fill(byId("table-title"), `${bosoc.layerTitle()}, ${bosoc.period()}`);
    byId("table-text").setAttribute("aria-label", word("copy"));
    byId("table-text").hidden = true;
    bosoc.fill(scroll, el("table", {}, el("thead", {}, el("tr", {}, ...all.map(head))), body));
    scroll.scrollTop = top;
    const again = column ? `[data-column="${column}"]` : line ? `tr[data-row="${line.dataset.row}"] button` : button ? `#${button}` : null;
    if (again) {
      (part.querySelector(again) || byId("open-table")).focus();
    }
  }

  bosoc.drawTable = () => {
    byId("open-table").addEventListener("click", () => bosoc.change({ table: state.table === "" ? MAP_ORDER : "" }));
    bosoc.onChange((changed) => {
      const isOpen = state.table !== "";
      byId("open-table").setAttribute("aria-expanded", String(isOpen));
      if (byId("table").hidden === isOpen) {
        bosoc.rearrange("table", isOpen, () => {
          byId("table").hidden = !isOpen;
          byId("controls").parentElement.classList.toggle("with-table", isOpen);
        });
      }
      if (changed.has("language")) {
        bosoc.fill(byId("open-table"), word("table"));
      }
      if (isOpen && ["table", "unit", "layer", "period", "only", "shift", "language"].some((name) => changed.has(name))) {
        draw();
      } else if (isOpen && changed.has("area")) {
        showChosen();
      }
    });
  };
})(window.geoBosoc);
