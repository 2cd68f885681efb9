// What the other scripts share: the data, the reader's choices, and how to make elements.
// Text from the data becomes text nodes only; nothing here or elsewhere sets innerHTML.
(function () {
  "use strict";

  const bosoc = {};
  const listeners = [];
  const SVG = "http://www.w3.org/2000/svg";

  bosoc.opening = JSON.parse(document.getElementById("page-opening").textContent);
  // Filled when the page is unpacked (data.js).
  bosoc.data = { units: [], words: {} };
  // Places in data.units and in that unit's layers, periods and areas; no area is null.
  bosoc.state = { unit: 0, layer: 0, period: 0, area: null, language: bosoc.opening.language };

  bosoc.byId = (id) => document.getElementById(id);
  // A word or sentence of the catalogue, with what stands in braces filled in.
  bosoc.word = (key, values) => {
    const text = bosoc.data.words[key];
    return values && text ? text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole)) : text;
  };
  bosoc.unit = () => bosoc.data.units[bosoc.state.unit];
  bosoc.layer = () => bosoc.unit().layers[bosoc.state.layer];
  bosoc.period = () => bosoc.unit().periods[bosoc.state.period];
  bosoc.classIndex = (area) => bosoc.layer().drawn[bosoc.state.period][area];
  bosoc.narrow = () => window.matchMedia("(max-width: 760px)").matches;

  function build(node, attributes, children) {
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name.startsWith("on")) {
        node.addEventListener(name.slice(2), value);
      } else if (value !== null && value !== false) {
        node.setAttribute(name, value === true ? "" : String(value));
      }
    }
    for (const child of children) {
      if (child !== null && child !== undefined && child !== "") {
        node.append(child);
      }
    }
    return node;
  }

  // An HTML or SVG element; children are elements or text.
  bosoc.el = (tag, attributes, ...children) => build(document.createElement(tag), attributes, children);
  bosoc.svg = (tag, attributes, ...children) =>
    build(document.createElementNS(SVG, tag), attributes, children);

  bosoc.fill = (node, ...children) => {
    node.replaceChildren(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  };

  // Another unit has layers, periods and areas of its own.
  function withUnit(wanted) {
    if (wanted.unit === undefined || wanted.unit === bosoc.state.unit) {
      return wanted;
    }
    const unit = bosoc.data.units[wanted.unit];
    const same = unit.periods.indexOf(bosoc.period());
    return { layer: 0, period: same < 0 ? unit.opens : same, area: null, ...wanted };
  }

  // What a choice brings with it; others put theirs here: each is given the choice and returns it with what follows.
  bosoc.alongside = [withUnit];

  // `redraw(changed)` is called after every change with the names of what changed.
  bosoc.onChange = (redraw) => listeners.push(redraw);
  // Make a choice without drawing it; gives the names of what changed.
  bosoc.chooseQuietly = (choice) => {
    const wanted = bosoc.alongside.reduce((all, follow) => follow(all), choice);
    const changed = new Set(Object.keys(wanted).filter((key) => bosoc.state[key] !== wanted[key]));
    if (changed.has("unit")) {
      ["layer", "period", "area"].forEach((name) => changed.add(name));
    }
    Object.assign(bosoc.state, wanted);
    return changed;
  };
  bosoc.change = (choice) => {
    const changed = bosoc.chooseQuietly(choice);
    if (changed.size > 0) {
      listeners.forEach((redraw) => redraw(changed));
    }
  };
  bosoc.redrawAll = () => listeners.forEach((redraw) => redraw(new Set(Object.keys(bosoc.state))));
  bosoc.announce = (text) => bosoc.fill(bosoc.byId("announcer"), text);

  window.geoBosoc = bosoc;
})();
