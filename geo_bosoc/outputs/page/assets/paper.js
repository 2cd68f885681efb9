// What stands on paper and pictures beside the map: where the figures are from, their status date, and the stamps.
(function (bosoc) {
  "use strict";

  const { byId, data, state, word } = bosoc;
  const distinct = (list) => [...new Set(list.filter(Boolean))];

  // Sources and status dates of what the layer shows: an indicator's own, else all of the period's.
  bosoc.sourceLines = () => {
    const layer = bosoc.layer();
    const all = (bosoc.unit().about.sources || [])[state.period] || [];
    const rows = layer.kind === "indicator" ? all.filter(([label]) => label === layer.label) : all;
    const sources = distinct(rows.map(([, register, , , source]) => distinct([source, register]).join(", ")));
    const dates = distinct(rows.map(([, , , date]) => date));
    return [
      sources.length > 0 ? `${word("source")}: ${sources.join("; ")}.` : "",
      dates.length > 0 ? `${word("status_date")}: ${dates.join(", ")}.` : "",
    ].filter(Boolean);
  };
  bosoc.stampLines = () => data.notices.map((notice) => notice.text);

  // A file's name from what it shows.
  bosoc.fileName = (kind, ending) => {
    const parts = [kind, bosoc.layerKey(bosoc.unit(), bosoc.layer()), bosoc.period()].join("-");
    return `${parts.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-")}.${ending}`;
  };

  // Give the reader a file; nothing leaves the page.
  bosoc.download = (blob, name) => {
    const address = URL.createObjectURL(blob);
    bosoc.el("a", { href: address, download: name }).click();
    window.setTimeout(() => URL.revokeObjectURL(address), 60000);
  };

  bosoc.drawPaper = () => {
    byId("print").addEventListener("click", () => window.print());
    bosoc.onChange((changed) => {
      if (changed.has("language")) {
        bosoc.fill(byId("print"), word("print"));
        byId("tools").setAttribute("aria-label", word("tools"));
      }
      bosoc.fill(byId("paper-sources"), bosoc.sourceLines().join(" "));
    });
  };
})(window.geoBosoc);
