// The choice of unit, layer, period and language.
(function (bosoc) {
  "use strict";

  const { byId, data, el, state, word } = bosoc;
  const GROUPS = ["categories", "indicators", "change", "goals", "groups", "balance", "bottom_up"];
  const MOST_BUTTONS = 8;

  function units() {
    const select = byId("unit");
    bosoc.fill(select, ...data.units.map((unit, index) => el("option", { value: index }, unit.label)));
    select.value = String(state.unit);
    byId("unit-field").hidden = data.units.length < 2;
  }

  function layers() {
    const groups = new Map();
    bosoc.unit().layers.forEach((layer, index) => {
      groups.set(layer.group, [...(groups.get(layer.group) || []), el("option", { value: index }, layer.label)]);
    });
    const place = ([group]) => GROUPS.indexOf(group);
    const select = byId("layer");
    bosoc.fill(
      select,
      ...[...groups].sort((a, b) => place(a) - place(b)).map(([group, options]) => el("optgroup", { label: word(`group_${group}`) }, ...options)),
    );
    select.value = String(state.layer);
  }

  // Buttons that arrow keys move between; where there are many periods a slider, on a small screen a list.
  function periods() {
    const choices = byId("period-choices");
    const all = bosoc.unit().periods;
    byId("period").hidden = all.length < 2;
    if (all.length <= MOST_BUTTONS) {
      bosoc.fill(choices, ...all.map(periodButton));
      if (bosoc.narrow() && choices.scrollWidth > choices.clientWidth + 1) {
        bosoc.fill(choices, periodList(all));
      }
    } else if (bosoc.narrow()) {
      bosoc.fill(choices, periodList(all));
    } else {
      const output = el("output", { for: "period-slider" });
      const slider = el("input", { type: "range", id: "period-slider", min: 0, max: all.length - 1, step: 1, "aria-labelledby": "period-label" });
      slider.addEventListener("input", () => bosoc.change({ period: Number(slider.value) }));
      bosoc.fill(choices, slider, output);
    }
  }

  function periodButton(period, index) {
    const box = el("input", { type: "radio", name: "period", value: index, onchange: () => bosoc.change({ period: index }) });
    return el("label", { class: "choice" }, box, el("span", {}, period));
  }

  function periodList(all) {
    const select = el("select", { id: "period-list", "aria-labelledby": "period-label" }, ...all.map((period, index) => el("option", { value: index }, period)));
    select.addEventListener("change", () => bosoc.change({ period: Number(select.value) }));
    return select;
  }

  // A screen that is turned, or a page that is zoomed, has another width.
  function followWidth() {
    let width = window.innerWidth;
    window.addEventListener("resize", () => {
      if (window.innerWidth !== width && bosoc.data.units.length > 0) {
        width = window.innerWidth;
        periods();
        showPeriod();
      }
    });
  }

  // Show which period is chosen, whoever chose it.
  function showPeriod() {
    const choices = byId("period-choices");
    const slider = byId("period-slider");
    if (slider) {
      slider.value = String(state.period);
      slider.setAttribute("aria-valuetext", bosoc.period());
      bosoc.fill(choices.querySelector("output"), bosoc.period());
    }
    if (byId("period-list")) {
      byId("period-list").value = String(state.period);
    }
    const button = choices.querySelector(`input[value="${state.period}"][type="radio"]`);
    if (button) {
      button.checked = true;
    }
  }

  const LANGUAGES = { da: "Dansk", en: "English" };

  function languages() {
    const others = data.languages.filter((language) => language !== state.language);
    bosoc.fill(
      byId("languages"),
      ...others.map((language) =>
        el(
          "button",
          {
            type: "button", class: "quiet", lang: language,
            onclick: async () => {
              await bosoc.speak(language);
              bosoc.change({ language });
            },
          },
          LANGUAGES[language],
        ),
      ),
    );
  }

  bosoc.drawControls = () => {
    followWidth();
    byId("unit").addEventListener("change", () => bosoc.change({ unit: Number(byId("unit").value) }));
    byId("layer").addEventListener("change", () => bosoc.change({ layer: Number(byId("layer").value) }));
    bosoc.onChange((changed) => {
      if (changed.has("language")) {
        bosoc.fill(byId("unit-label"), word("unit"));
        bosoc.fill(byId("layer-label"), word("layer"));
        bosoc.fill(byId("period-label"), word("period"));
        languages();
      }
      if (changed.has("language") || changed.has("unit")) {
        units();
        layers();
        periods();
      }
      if (changed.has("layer")) {
        byId("layer").value = String(state.layer);
      }
      showPeriod();
    });
  };
})(window.geoBosoc);
