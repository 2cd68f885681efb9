// The choice of layer and of period.
(function (bosoc) {
  "use strict";

  const { byId, data, el, state, word } = bosoc;
  const MOST_BUTTONS = 8;

  function layers() {
    const group = (kind, key) => {
      const options = data.layers
        .map((layer, index) => [layer, index])
        .filter(([layer]) => layer.kind === kind)
        .map(([layer, index]) => el("option", { value: index }, layer.label));
      return options.length > 0 ? el("optgroup", { label: word(key) }, ...options) : null;
    };
    const select = byId("layer");
    bosoc.fill(select, group("category", "categories"), group("indicator", "indicators"));
    select.value = String(state.layer);
    select.addEventListener("change", () => bosoc.change({ layer: Number(select.value) }));
  }

  // Buttons that arrow keys move between, or a slider where there are many periods.
  function periods() {
    const choices = byId("period-choices");
    if (data.periods.length <= MOST_BUTTONS) {
      const buttons = data.periods.map((period, index) => {
        const box = el("input", { type: "radio", name: "period", value: index, onchange: () => bosoc.change({ period: index }) });
        box.checked = index === state.period;
        return el("label", { class: "choice" }, box, el("span", {}, period));
      });
      bosoc.fill(choices, ...buttons);
    } else {
      const output = el("output", { for: "period-slider" }, data.periods[state.period]);
      const slider = el("input", { type: "range", id: "period-slider", min: 0, max: data.periods.length - 1, step: 1, "aria-labelledby": "period-label" });
      slider.value = String(state.period);
      slider.setAttribute("aria-valuetext", data.periods[state.period]);
      slider.addEventListener("input", () => {
        const index = Number(slider.value);
        slider.setAttribute("aria-valuetext", data.periods[index]);
        bosoc.fill(output, data.periods[index]);
        bosoc.change({ period: index });
      });
      bosoc.fill(choices, slider, output);
    }
    byId("period").hidden = data.periods.length < 2;
  }

  bosoc.drawControls = () => {
    bosoc.fill(byId("layer-label"), word("layer"));
    bosoc.fill(byId("period-label"), word("period"));
    layers();
    periods();
  };
})(window.geoBosoc);
