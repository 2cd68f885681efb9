// Goals in the side panel: an area's own, and in a place of their own those of the municipality or several areas.
(function (bosoc) {
  "use strict";

  const { el, state, word } = bosoc;
  const SIGNS = { met: "✓", on_course: "→", behind: "!", moving_away: "✕", cannot_tell: "?", no_goal: "–" };
  const MOST_OPEN = 3; // so many goals stand open; of more there is a line each

  const badge = (told) =>
    el("span", { class: `goal-status ${told.status}` }, el("i", { "aria-hidden": "true" }, SIGNS[told.status] || ""), told.word);

  function goal(each, told, open) {
    return el(
      "details",
      { class: "goal", open },
      el(
        "summary",
        {},
        el("span", { class: "goal-label" }, each.label, each.area === null ? el("span", { class: "row-class" }, each.place) : null),
        badge(told),
      ),
      el(
        "dl",
        {},
        ...told.figures.map(([, name, figure]) => el("div", { class: "figure" }, el("dt", {}, name), el("dd", {}, figure))),
      ),
      ...told.notes.map((note) => el("p", { class: "small" }, note)),
    );
  }

  // The section of an area's goals in the chosen period, or null; of no area, those of all.
  bosoc.goalsOf = (area) => {
    const told = (bosoc.unit().goals || [])
      .filter((each) => each.area === area)
      .map((each) => [each, each.standings[state.period]])
      .filter(([, standing]) => standing !== null);
    if (told.length === 0) {
      return null;
    }
    return el(
      "section",
      { class: "goals" },
      el(area === null ? "h2" : "h3", area === null ? { class: "goals-title", tabindex: "-1" } : {}, word(area === null ? "goals_of_all" : "goals")),
      ...told.map(([each, standing]) => goal(each, standing, area !== null && told.length <= MOST_OPEN)),
    );
  };
})(window.geoBosoc);
