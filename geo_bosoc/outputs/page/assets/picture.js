// "Save picture": what is seen, with title, legend, source, status date and stamps, as a PNG of twice the size.
// One SVG is put together of what the maps have drawn, and the browser draws it on a canvas; nothing is fetched.
(function (bosoc) {
  "use strict";

  const { byId, data, state, svg, word } = bosoc;
  const SCALE = 2;
  const MOST = 8000; // pixels: the longest side that every browser draws
  const EDGE = 20;
  const KEY = 270; // width of the legend
  const FONT = '"Segoe UI", system-ui, "Helvetica Neue", Arial, sans-serif';
  const INK = "#1d2126";
  const SOFT = "#555c65";
  // What style sheets and Leaflet say of a shape, put on the shape.
  const LOOK = [
    "fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linecap",
    "stroke-linejoin", "opacity", "display", "paint-order", "visibility",
  ];

  // Characters that a name may have and an SVG may not.
  const NOT_IN_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu;

  const ruler = document.createElement("canvas").getContext("2d");
  function widthOf(text, size, weight) {
    ruler.font = `${weight} ${size}px ${FONT}`;
    return ruler.measureText(text).width;
  }

  // Text in lines that are no wider than that; a word that is too long is broken.
  function lines(text, width, size, weight = 400) {
    const made = [""];
    for (const each of text.split(/\s+/)) {
      const longer = made.at(-1) === "" ? each : `${made.at(-1)} ${each}`;
      if (made.at(-1) === "" || widthOf(longer, size, weight) <= width) {
        made[made.length - 1] = longer;
      } else {
        made.push(each);
      }
      while (widthOf(made.at(-1), size, weight) > width && made.at(-1).length > 1) {
        const line = made.pop();
        let end = line.length - 1;
        while (end > 1 && widthOf(line.slice(0, end), size, weight) > width) {
          end -= 1;
        }
        made.push(line.slice(0, end), line.slice(end));
      }
    }
    return made;
  }

  // Lines of text from a place downwards; gives the node and where they end.
  function paragraph(text, { x, y, width, size = 13, weight = 400, colour = INK }) {
    const high = Math.round(size * 1.4);
    const node = svg("g", { "font-size": size, "font-weight": weight, fill: colour });
    const all = lines(text, width, size, weight);
    all.forEach((line, at) => node.append(svg("text", { x, y: y + size + at * high }, line)));
    return [node, y + all.length * high];
  }

  function shape(node) {
    const copy = node.cloneNode(false);
    copy.removeAttribute("class");
    copy.removeAttribute("style");
    if (node instanceof SVGGraphicsElement && node.tagName !== "svg" && node.tagName !== "g") {
      const style = window.getComputedStyle(node);
      LOOK.forEach((name) => copy.setAttribute(name, style.getPropertyValue(name)));
    }
    node.childNodes.forEach((child) => child.nodeType === Node.ELEMENT_NODE && copy.append(shape(child)));
    return copy;
  }

  // The parts of a map that are seen, the lowest first: SVGs, pictures, badges and names.
  function* partsOf(pane) {
    const panes = [...pane.children].filter((each) => window.getComputedStyle(each).display !== "none");
    const level = (each) => Number(window.getComputedStyle(each).zIndex) || 0;
    for (const each of panes.sort((a, b) => level(a) - level(b))) {
      yield* each.querySelectorAll(":scope svg, :scope img.leaflet-image-layer, :scope .badge-count, :scope .area-name");
    }
  }

  function part(node, box) {
    const rect = node.getBoundingClientRect();
    const place = { x: rect.left - box.left, y: rect.top - box.top, width: rect.width, height: rect.height };
    const [x, y] = [place.x + rect.width / 2, place.y + rect.height / 2];
    const style = window.getComputedStyle(node);
    if (style.visibility === "hidden") {
      return null;
    }
    if (node.tagName === "IMG") {
      return svg("image", { ...place, href: node.src, preserveAspectRatio: "none", opacity: style.opacity, style: `image-rendering: ${style.imageRendering}` });
    }
    if (node.tagName === "svg") {
      const copy = shape(node);
      Object.entries(place).forEach(([name, value]) => copy.setAttribute(name, value));
      return copy;
    }
    const text = { x, y, "text-anchor": "middle", "dominant-baseline": "central", "font-size": 12.5, "font-weight": 600, fill: INK };
    if (node.classList.contains("badge-count")) {
      const ring = svg("circle", { cx: x, cy: y, r: rect.width / 2 - 1, fill: "#fff", stroke: style.borderTopColor, "stroke-width": 2 });
      return svg("g", {}, ring, svg("text", text, node.textContent));
    }
    return svg("text", { ...text, stroke: "#fff", "stroke-width": 3, "stroke-linejoin": "round", "paint-order": "stroke" }, node.textContent);
  }

  function scaleOf(container, box) {
    const line = container.querySelector(".leaflet-control-scale-line");
    if (!line) {
      return null;
    }
    const rect = line.getBoundingClientRect();
    const [x, y] = [rect.left - box.left, rect.bottom - box.top];
    return svg(
      "g",
      {},
      svg("rect", { x, y: y - 20, width: rect.width, height: 20, fill: "#fff", "fill-opacity": 0.8 }),
      svg("path", { d: `M${x} ${y - 8}V${y}H${x + rect.width}V${y - 8}`, fill: "none", stroke: INK, "stroke-width": 1.5 }),
      svg("text", { x: x + 5, y: y - 6, "font-size": 12, fill: INK }, line.textContent),
    );
  }

  // A map as it is seen, cut at its frame.
  function mapPart(frame, x, y) {
    const container = frame.querySelector(".map");
    const box = container.getBoundingClientRect();
    const node = svg("svg", { x, y, width: box.width, height: box.height, overflow: "hidden" });
    node.append(svg("rect", { width: box.width, height: box.height, fill: window.getComputedStyle(container).backgroundColor }));
    // Of the second map the copy of the first one's panes comes first.
    for (const each of partsOf(container.querySelector(".leaflet-map-pane"))) {
      const drawn = part(each, box);
      if (drawn) {
        node.append(drawn);
      }
    }
    const scale = scaleOf(container, box);
    if (scale) {
      node.append(scale);
    }
    node.append(svg("rect", { x: 0.5, y: 0.5, width: box.width - 1, height: box.height - 1, fill: "none", stroke: "#8b929b" }));
    return node;
  }

  function swatch(index, x, y) {
    return svg("rect", { x, y, width: 26, height: 18, rx: 2, fill: bosoc.classFill(index), stroke: "#44474c" });
  }

  function legend(x, top, width) {
    const node = svg("g", {});
    let y = top;
    const write = (text, more) => {
      const [made, end] = paragraph(text, { x, y, width, ...more });
      node.append(made);
      y = end;
    };
    write(bosoc.layerTitle(), { size: 15, weight: 650 });
    write(state.compare === null ? bosoc.period() : word("legend_of", { period: bosoc.period() }), { colour: SOFT });
    y += 8;
    for (const line of bosoc.legendLines()) {
      const [made, end] = paragraph(line.label, { x: x + 36, y, width: width - 36 - 90, size: 14 });
      const number = { y: y + 14, "text-anchor": "end", "font-size": 14 };
      const right = x + width - (line.share === null ? 0 : 48);
      node.append(swatch(line.index, x, y), made);
      node.append(svg("text", { ...number, x: right, "font-weight": 600, fill: INK }, String(line.count)));
      node.append(svg("text", { ...number, x: x + width, fill: SOFT }, line.share || ""));
      y = Math.max(end, y + 20) + 6;
    }
    for (const [label, value] of bosoc.referenceLines()) {
      write(`${label}: ${value}`, { colour: SOFT });
    }
    y += 4;
    if (bosoc.isFiltered()) {
      write(bosoc.filterTold(), { weight: 600 });
    }
    const note = byId("key-note").textContent;
    if (note) {
      write(note, { colour: SOFT });
    }
    const surface = bosoc.surfaceShown();
    if (surface) {
      y += 10;
      write(surface.label, { size: 15, weight: 650 });
      y += 4;
      for (const { text, colour } of surface.classes) {
        const [made] = paragraph(text, { x: x + 36, y, width: width - 36, size: 14 });
        node.append(svg("rect", { x, y, width: 26, height: 18, fill: colour, stroke: "#44474c" }), made);
        y += 26;
      }
      write(surface.note, { colour: SOFT });
    }
    return [node, y];
  }

  // Patterns stand in one place of the page; the picture needs those that it uses.
  function patternsOf(picture) {
    const ids = new Set();
    picture.querySelectorAll("[fill]").forEach((node) => {
      const found = /url\(["']?#([^"')]+)/.exec(node.getAttribute("fill"));
      if (found) {
        ids.add(found[1]);
      }
    });
    return [...ids].map((id) => byId(id)).filter(Boolean).map((node) => node.cloneNode(true));
  }

  // The whole picture as one SVG, and its size.
  bosoc.pictureSvg = () => {
    const frames = [...document.querySelectorAll("#maps .map-frame")].filter((frame) => !frame.hidden);
    const boxes = frames.map((frame) => frame.querySelector(".map").getBoundingClientRect());
    const caption = state.compare === null ? 0 : 24;
    // On a phone two maps lie one below the other, and the legend below both.
    const stacked = boxes.length > 1 && boxes[1].top >= boxes[0].bottom - 1;
    const isNarrow = bosoc.narrow();
    const mapsWide = stacked ? boxes[0].width : boxes.reduce((sum, box) => sum + box.width, 0);
    const width = Math.ceil(2 * EDGE + mapsWide + (isNarrow ? 0 : EDGE + KEY));
    const picture = svg("svg", { xmlns: "http://www.w3.org/2000/svg", width, "font-family": FONT });
    const paper = svg("rect", { width, fill: "#fff" });
    picture.append(paper);
    let y = EDGE;
    const write = (text, more) => {
      const [node, end] = paragraph(text, { x: EDGE, y, width: width - 2 * EDGE, ...more });
      picture.append(node);
      y = end;
    };
    write(`${data.title} · ${data.name}`, { size: 20, weight: 650 });
    bosoc.stampLines().forEach((text) => write(text, { weight: 600 }));
    y += 8;
    const top = y;
    let x = EDGE;
    frames.forEach((frame, at) => {
      if (caption) {
        const period = bosoc.unit().periods[at === 0 ? state.period : state.compare];
        picture.append(paragraph(period, { x, y, width: boxes[at].width, size: 15, weight: 650 })[0]);
      }
      picture.append(mapPart(frame, x, y + caption));
      if (stacked || at === frames.length - 1) {
        y += caption + boxes[at].height + 6;
      } else {
        x += boxes[at].width;
      }
    });
    const [key, end] = isNarrow ? legend(EDGE, y + 6, width - 2 * EDGE) : legend(2 * EDGE + mapsWide, top, KEY);
    picture.append(key);
    y = Math.max(y, end) + 6;
    bosoc.sourceLines().forEach((text) => write(text, { size: 12, colour: SOFT }));
    const madeBy = document.querySelector(".map .made-by:not([hidden])");
    if (madeBy) {
      write(madeBy.textContent, { size: 12, colour: SOFT });
    }
    const height = Math.ceil(y + EDGE);
    picture.setAttribute("height", height);
    paper.setAttribute("height", height);
    picture.prepend(svg("defs", {}, ...patternsOf(picture)));
    return { picture, width, height };
  };

  async function drawn({ picture, width, height }) {
    const scale = Math.min(SCALE, MOST / Math.max(width, height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
    picture.setAttribute("width", canvas.width);
    picture.setAttribute("height", canvas.height);
    const image = new Image();
    const text = new XMLSerializer().serializeToString(picture).replace(NOT_IN_XML, "");
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
    await image.decode();
    canvas.getContext("2d").drawImage(image, 0, 0);
    return new Promise((done) => { canvas.toBlob(done, "image/png"); });
  }

  bosoc.drawPicture = () => {
    const button = byId("save-picture");
    button.addEventListener("click", async () => {
      button.disabled = true;
      bosoc.fill(byId("tools-said"));
      try {
        bosoc.download(await drawn(bosoc.pictureSvg()), bosoc.fileName(word("map_file"), "png"));
      } catch (error) {
        bosoc.fill(byId("tools-said"), word("picture_failed"));
      } finally {
        button.disabled = false;
      }
    });
    bosoc.onChange((changed) => changed.has("language") && bosoc.fill(button, word("picture")));
  };
})(window.geoBosoc);
