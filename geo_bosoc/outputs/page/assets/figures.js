// Figures in words: every number of the data is a whole number of the last decimal that is shown.
(function (bosoc) {
  "use strict";

  const { data, state, word } = bosoc;
  const STATUSES = ["ok", "protected", "no_base", "not_applicable", "missing"];
  const STRIP = 1000;

  // A number with as many decimals and the language's own marks.
  bosoc.number = (value, decimals = 0) => {
    const [whole, part] = Math.abs(value).toFixed(decimals).split(".");
    const [thousands, point] = state.language === "da" ? [".", ","] : [",", "."];
    const grouped = whole.replace(/\B(?=(\d{3})+$)/g, thousands);
    return (value < 0 ? "-" : "") + grouped + (part ? point + part : "");
  };
  // With decimals only where it has any.
  bosoc.plainNumber = (value) => bosoc.number(value, Number.isInteger(value) ? 0 : 1);
  bosoc.percent = (share) => bosoc.number(share) + data.suffixes.percent;

  const scaled = (indicator, whole) => whole / 10 ** indicator.decimals;

  // An indicator's figure in its unit; a difference with its sign.
  bosoc.figure = (indicator, whole, { bare = false } = {}) => {
    const text = bosoc.number(scaled(indicator, Math.abs(whole)), indicator.decimals);
    const sign = whole < 0 ? (indicator.difference ? "−" : "-") : indicator.difference && whole > 0 ? "+" : "";
    return sign + text + (bare ? "" : data.suffixes[indicator.unit]);
  };

  bosoc.statusWord = (status) => {
    const named = { protected: "suppressed", no_base: "no_base", not_applicable: "not_applicable" };
    return word(named[status] || "missing");
  };

  // Count and base behind a figure, and how many could not be told.
  function counts(indicator, read) {
    if (indicator.baseless) {
      return word("without_base");
    }
    const base = read("base");
    if (indicator.unit === "count" || base === null) {
      return "";
    }
    const met = read("met");
    const told = met === null
      ? word("base", { count: bosoc.number(base) })
      : word("counts", { n: bosoc.plainNumber(met), d: bosoc.number(base) });
    const unknown = read("unknown");
    return unknown ? `${told}, ${word("unknown", { count: bosoc.number(unknown) })}` : told;
  }

  // The longest bar of an indicator: its highest figure or end of an interval, of areas and reference areas.
  function longest(indicator) {
    if (indicator.longest === undefined) {
      let most = 0;
      for (const name of ["value", "high"]) {
        for (const line of indicator.columns[name] || []) {
          line.forEach((each) => { most = Math.max(most, each || 0); });
        }
      }
      Object.values(indicator.references).forEach((column) =>
        column.forEach((figure) => { most = Math.max(most, (figure && figure.value) || 0); }));
      indicator.longest = most;
    }
    return indicator.longest;
  }
  const at = (indicator, whole) =>
    longest(indicator) > 0 ? Math.min(STRIP, Math.max(0, Math.round((STRIP * whole) / longest(indicator)))) : 0;
  const drawn = (indicator) => indicator.unit !== "count" && !indicator.difference;

  // One number of a column, null where there is none.
  bosoc.read = (indicator, name, period, area) => {
    const column = indicator.columns[name];
    const number = column && column[period] ? column[period][area] : null;
    return number === undefined ? null : number;
  };
  bosoc.statusOf = (indicator, period, area) => STATUSES[bosoc.read(indicator, "status", period, area) || 0];

  // An area's figure in words: value, counts, interval, ratio, where it lies on the scale, what the criteria gave.
  bosoc.cell = (indicator, period, area) => {
    const read = (name) => bosoc.read(indicator, name, period, area);
    const status = bosoc.statusOf(indicator, period, area);
    const results = indicator.results && indicator.results[period][area];
    const cell = results ? { points: results } : {};
    if (status !== "ok") {
      const base = read("base");
      return { ...cell, status, value: bosoc.statusWord(status), counts: base === null ? "" : word("base", { count: bosoc.number(base) }) };
    }
    const [value, low, high, ratio, beside] = ["value", "low", "high", "ratio", "beside"].map(read);
    Object.assign(cell, { value: bosoc.figure(indicator, value), counts: counts(indicator, read) });
    if (low !== null && high !== null) {
      const key = indicator.difference ? "interval_of_difference" : "interval";
      cell.interval = word(key, { low: bosoc.figure(indicator, low, { bare: true }), high: bosoc.figure(indicator, high) });
    }
    if (ratio !== null) {
      const told = bosoc.number(ratio / 100, 2);
      cell.ratio = indicator.against === "@municipality"
        ? word("ratio", { ratio: told })
        : word("ratio_of", { ratio: told, whose: indicator.against_words });
    }
    if (beside !== null) {
      cell.beside = { value: bosoc.figure(indicator, beside), at: at(indicator, beside) };
    }
    if (drawn(indicator)) {
      cell.strip = (low === null || high === null ? [value] : [value, low, high]).map((each) => at(indicator, each));
    }
    return cell;
  };

  // A reference area's figure in words, null where there is none.
  bosoc.reference = (indicator, name, period) => {
    const figure = indicator.references[name] && indicator.references[name][period];
    if (!figure) {
      return null;
    }
    if (figure.status !== undefined) {
      return { value: bosoc.statusWord(STATUSES[figure.status]) };
    }
    const told = {
      value: bosoc.figure(indicator, figure.value),
      counts: counts(indicator, (column) => (figure[column] === undefined ? null : figure[column])),
    };
    return drawn(indicator) ? { ...told, at: at(indicator, figure.value) } : told;
  };

  function points(layer, period, area) {
    const model = bosoc.unit().models[layer.model];
    const read = (name) => (layer[name] ? layer[name][period][area] : null);
    const [exact, least, most] = ["points", "least", "most"].map(read);
    if (model.kind === "index") {
      return exact === null ? "" : word("index", { points: bosoc.number(exact, 2) });
    }
    const one = (number) => word(number === 1 ? "point" : "points", { points: bosoc.plainNumber(number) });
    if (exact !== null) {
      return one(exact);
    }
    if (least === null || most === null) {
      return "";
    }
    return least === most ? one(least) : word("points_range", { least: bosoc.plainNumber(least), most: bosoc.plainNumber(most) });
  }

  // What stands with an area on a layer: its points, its figure, or what the layer says of it.
  bosoc.note = (layer, period, area) => {
    if (layer.notes) {
      return layer.notes[period][area];
    }
    if (layer.kind === "category") {
      return points(layer, period, area);
    }
    const indicator = bosoc.unit().indicators[layer.indicator];
    const status = bosoc.statusOf(indicator, period, area);
    return status === "ok" ? bosoc.figure(indicator, bosoc.read(indicator, "value", period, area)) : bosoc.statusWord(status);
  };

  // The areas of a layer in a period, the worst first: what a column is sorted by, then the name.
  bosoc.order = (layer, period) => {
    layer.orders = layer.orders || {};
    if (!layer.orders[period]) {
      layer.orders[period] = sorted(layer, period);
    }
    return layer.orders[period];
  };
  function sorted(layer, period) {
    const { areas, indicators } = bosoc.unit();
    const keys = areas.map((area, index) => {
      if (layer.kind === "category") {
        const place = layer.drawn[period][index];
        const [exact, least] = ["points", "least"].map((name) => (layer[name] ? layer[name][period][index] : null));
        const most = exact !== null ? exact : least !== null ? least : -1;
        return [layer.ranks[place], place, -most, area.place];
      }
      const value = bosoc.read(indicators[layer.indicator], "value", period, index);
      return [value === null ? Infinity : layer.reverse ? value : -value, 0, 0, area.place];
    });
    const compare = (a, b) => {
      const differing = keys[a].findIndex((key, at) => key !== keys[b][at]);
      return differing < 0 ? 0 : keys[a][differing] < keys[b][differing] ? -1 : 1;
    };
    return areas.map((_, index) => index).sort(compare);
  }

  // How many areas each class has, their share of those that have a category, and how many have one.
  bosoc.legend = (layer, period) => {
    const numbers = layer.classes.map(() => 0);
    layer.drawn[period].forEach((place) => { numbers[place] += 1; });
    const assessed = numbers.reduce((sum, count, place) => (layer.classes[place].beside ? sum : sum + count), 0);
    const shares = numbers.map((count, place) =>
      assessed > 0 && !layer.classes[place].beside ? bosoc.percent(halfEven((100 * count) / assessed)) : "");
    return { counts: numbers, shares, assessed };
  };
  // As other outputs round: a half goes to the even number.
  function halfEven(exact) {
    const low = Math.floor(exact);
    return exact - low > 0.5 || (exact - low === 0.5 && low % 2 === 1) ? low + 1 : low;
  }
})(window.geoBosoc);
