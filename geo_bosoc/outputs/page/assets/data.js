// The page's data: unpacked once, with the words of the language that is read put to the figures.
(function (bosoc) {
  "use strict";

  const { byId, data, opening } = bosoc;
  const spoken = {};

  async function unpack(id) {
    const text = atob(JSON.parse(byId(id).textContent));
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i += 1) {
      bytes[i] = text.charCodeAt(i);
    }
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return JSON.parse(await new Response(stream).text());
  }

  function labelled(layer, words) {
    const { classes, ...others } = words;
    Object.assign(layer, others);
    layer.classes.forEach((each, index) => { each.label = classes[index]; });
  }

  function say(words) {
    const { units, ...page } = words;
    Object.assign(data, page);
    data.units.forEach((unit, at) => {
      const { layers, models, indicators, overlays, side_by_side: table, ...others } = units[at];
      Object.assign(unit, others);
      Object.assign(unit.side_by_side || {}, { words: table });
      unit.layers.forEach((layer, index) => labelled(layer, layers[index]));
      unit.models.forEach((model, index) => Object.assign(model, models[index]));
      unit.indicators.forEach((indicator, index) => Object.assign(indicator, indicators[index]));
      (unit.overlays || []).forEach((overlay, index) => {
        const { features, ...told } = overlays[index];
        Object.assign(overlay, told);
        overlay.features.forEach((feature, place) => Object.assign(feature, features[place]));
      });
    });
  }

  // Put the words of a language to the figures; they are unpacked when they are first asked for.
  bosoc.speak = async (language) => {
    spoken[language] = spoken[language] || (await unpack(`page-words-${language}`));
    say(spoken[language]);
    document.documentElement.lang = language;
  };

  bosoc.load = async () => {
    Object.assign(data, await unpack("page-figures"));
    await bosoc.speak(opening.language);
    bosoc.state.period = bosoc.unit().opens;
  };
})(window.geoBosoc);
