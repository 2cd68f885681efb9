// The reader's choices in the page's address: a link that is mailed shows the same, and a reload loses nothing.
(function (bosoc) {
  "use strict";

  const { data, state } = bosoc;

  bosoc.layerKey = (unit, layer) =>
    layer.kind === "category" ? unit.models[layer.model].id : unit.indicators[layer.indicator].id;

  const place = (list, text) => {
    const index = list.indexOf(text);
    return index < 0 ? undefined : index;
  };
  // How each choice is written and read; others put their own here before the page is drawn. Read in this
  // order; `absent` is the choice where the address says nothing of it.
  bosoc.written = {
    unit: { write: () => bosoc.unit().id, read: (text) => place(data.units.map((unit) => unit.id), text) },
    layer: {
      write: () => bosoc.layerKey(bosoc.unit(), bosoc.layer()),
      read: (text) => place(bosoc.unit().layers.map((layer) => bosoc.layerKey(bosoc.unit(), layer)), text),
    },
    period: { write: () => bosoc.period(), read: (text) => place(bosoc.unit().periods, text) },
    area: {
      write: () => (state.area === null ? "" : bosoc.unit().areas[state.area].id),
      read: (text) => place(bosoc.unit().areas.map((area) => area.id), text),
    },
    language: { write: () => state.language, read: (text) => (data.languages.includes(text) ? text : undefined) },
  };

  let reading = false;

  function write() {
    if (reading) {
      return; // what is still to be read must stay
    }
    const parts = new URLSearchParams();
    for (const [name, { write: text }] of Object.entries(bosoc.written)) {
      const written = text();
      if (written) {
        parts.set(name, written);
      }
    }
    try {
      window.history.replaceState(null, "", `#${parts}`);
    } catch (error) {
      // A page in a frame without an address of its own keeps its choices to itself.
    }
  }

  // The choices that the address asks for; what it names wrongly is left as it is.
  async function read(choose) {
    const parts = new URLSearchParams(window.location.hash.slice(1));
    reading = true;
    for (const [name, { read: value, absent }] of Object.entries(bosoc.written)) {
      const wanted = parts.has(name) ? value(parts.get(name)) : absent;
      if (wanted !== undefined && wanted !== state[name]) {
        if (name === "language") {
          await bosoc.speak(wanted);
        }
        choose({ [name]: wanted });
      }
    }
    reading = false;
  }

  bosoc.readAddress = () => read(bosoc.chooseQuietly); // before anything is drawn
  bosoc.keepAddress = () => {
    bosoc.onChange(write);
    window.addEventListener("hashchange", () => read(bosoc.change).then(write));
  };
})(window.geoBosoc);
