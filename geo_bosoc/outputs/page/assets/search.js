// Find an area by name: a text field with suggestions, used by pointer or keyboard.
(function (bosoc) {
  "use strict";

  const { byId, el, word } = bosoc;
  const MOST = 8;
  let matches = [];
  let active = -1;

  // Small letters, accents off, and the spellings aa, ae, oe for å, æ, ø.
  const plain = (text) =>
    text.toLowerCase().replace(/å/g, "aa").replace(/æ/g, "ae").replace(/ø/g, "oe").normalize("NFD").replace(/[\u0300-\u036f]/g, "");

  function find(wanted) {
    const text = plain(wanted.trim());
    if (text === "") {
      return [];
    }
    const { areas } = bosoc.unit();
    const rank = (index) => {
      const name = plain(areas[index].name);
      if (name.startsWith(text)) {
        return 0;
      }
      return name.includes(text) ? 1 : plain(areas[index].id) === text ? 2 : 3;
    };
    return areas
      .map((_, index) => [rank(index), index])
      .filter(([found]) => found < 3)
      .sort((a, b) => a[0] - b[0] || a[1] - b[1])
      .slice(0, MOST)
      .map(([, index]) => index);
  }

  function close() {
    byId("search-list").hidden = true;
    byId("search").setAttribute("aria-expanded", "false");
    byId("search").removeAttribute("aria-activedescendant");
    active = -1;
  }

  function take(index) {
    byId("search").value = bosoc.unit().areas[index].name;
    close();
    bosoc.choose(index, { zoom: true, focus: true });
  }

  function show() {
    const field = byId("search");
    matches = find(field.value);
    active = -1;
    field.removeAttribute("aria-activedescendant");
    if (field.value.trim() === "") {
      close();
      return;
    }
    const options = matches.map((index, at) =>
      el("li", {
        role: "option", id: `found-${at}`, "aria-selected": "false",
        onpointerdown: (event) => { event.preventDefault(); take(index); },
      }, bosoc.unit().areas[index].name),
    );
    const none = el("li", { class: "none", role: "option", "aria-disabled": "true" }, word("no_match"));
    bosoc.fill(byId("search-list"), ...(options.length > 0 ? options : [none]));
    byId("search-list").hidden = false;
    field.setAttribute("aria-expanded", "true");
  }

  function move(step) {
    if (matches.length === 0) {
      return;
    }
    active = (active + step + matches.length) % matches.length;
    [...byId("search-list").children].forEach((option, at) => option.setAttribute("aria-selected", String(at === active)));
    byId("search").setAttribute("aria-activedescendant", `found-${active}`);
    byId(`found-${active}`).scrollIntoView({ block: "nearest" });
  }

  bosoc.drawSearch = () => {
    const field = byId("search");
    bosoc.onChange((changed) => {
      if (changed.has("language")) {
        bosoc.fill(byId("search-label"), word("search"));
        field.placeholder = word("search_hint");
      }
      if (changed.has("unit")) {
        field.value = "";
      }
    });
    field.addEventListener("input", show);
    field.addEventListener("blur", close);
    field.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        move(event.key === "ArrowDown" ? 1 : active < 0 ? 0 : -1);
      } else if (event.key === "Enter" && matches.length > 0 && !byId("search-list").hidden) {
        event.preventDefault();
        take(matches[Math.max(active, 0)]);
      } else if (event.key === "Escape") {
        close();
      }
    });
  };
})(window.geoBosoc);
