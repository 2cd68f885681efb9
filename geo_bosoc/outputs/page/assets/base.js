// What the other scripts share: the data, the reader's choices, and how to make elements.
// Text from the data becomes text nodes only; nothing here or elsewhere sets innerHTML.
(function () {
  "use strict";

  const bosoc = {};
  const listeners = [];
  const SVG = "http://www.w3.org/2000/svg";

  bosoc.data = JSON.parse(document.getElementById("page-data").textContent);
  // Indexes into data.layers, data.periods and data.areas; no area is null.
  bosoc.state = { layer: 0, period: Math.max(bosoc.data.periods.length - 1, 0), area: null };

  bosoc.byId = (id) => document.getElementById(id);
  bosoc.word = (key) => bosoc.data.words[key];
  bosoc.layer = () => bosoc.data.layers[bosoc.state.layer];
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
    node.replaceChildren(...children.filter((child) => child !== null && child !== ""));
  };

  // `redraw(changed)` is called after every change with the names of what changed.
  bosoc.onChange = (redraw) => listeners.push(redraw);
  bosoc.change = (wanted) => {
    const changed = new Set(Object.keys(wanted).filter((key) => bosoc.state[key] !== wanted[key]));
    if (changed.size > 0) {
      Object.assign(bosoc.state, wanted);
      listeners.forEach((redraw) => redraw(changed));
    }
  };
  bosoc.redrawAll = () => listeners.forEach((redraw) => redraw(new Set(Object.keys(bosoc.state))));
  bosoc.announce = (text) => bosoc.fill(bosoc.byId("announcer"), text);

  window.geoBosoc = bosoc;
})();
