// What makes the report better than it is without: a search, keys, copying.
// It reads what is on the page and never makes markup of it.
"use strict";

const search = document.querySelector("#find");
if (search) {
  const form = search.closest("form");
  const rows = [...document.querySelectorAll("tr.case")].map((row) => ({
    row,
    text: (row.querySelector("th").textContent + " " + row.dataset.cites + " " + row.parentNode.id).toLowerCase(),
    faults: (row.dataset.faults ?? "").split(" "),
    topic: row.parentNode.id,
  }));
  const groups = [...document.querySelectorAll(".matrix tbody")];
  const found = document.querySelector("#found");
  const nothing = document.querySelector(".nothing");
  const target = document.querySelector("#target");
  const topic = document.querySelector("#topic");
  const only = document.querySelector("#only");
  let fault = "";

  const chosen = () => form.querySelector("input[name=show]:checked")?.id.slice("show-".length) ?? "all";

  // Whether the cell of one target is of the kind that is shown.
  const fits = (cell, show) => {
    const kinds = cell.classList;
    switch (show) {
      case "all": return !kinds.contains("none");
      case "differs": return true;
      case "attention": return ["fail", "error", "non-strict", "un", "mis"].some((kind) => kinds.contains(kind));
      case "closing": return kinds.contains("un") || kinds.contains("mis");
      default: return kinds.contains(show);
    }
  };

  const apply = () => {
    const terms = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const show = chosen();
    const place = Number(target?.value ?? 0);
    let shown = 0;
    for (const { row, text, faults, topic: of } of rows) {
      row.hidden = !terms.every((term) => text.includes(term))
        || (fault !== "" && !faults.includes(fault))
        || (topic.value !== "" && topic.value !== of)
        || (place > 0 && !fits(row.cells[place], show));
      // The filter by verdict is the style sheet's, where no target is chosen.
      const left = place > 0 || show === "all" || row.dataset.shows.split(" ").includes(show);
      shown += !row.hidden && left ? 1 : 0;
    }
    for (const group of groups) {
      group.hidden = !group.querySelector("tr.case:not([hidden])");
    }
    only.hidden = fault === "";
    only.querySelector("b").textContent = fault;
    found.textContent = shown === rows.length ? "" : shown + " of " + rows.length;
    nothing.hidden = shown > 0;
  };

  const remember = () => {
    const now = new URLSearchParams();
    if (search.value) now.set("find", search.value);
    if (target?.value) now.set("target", target.value);
    if (topic.value) now.set("topic", topic.value);
    if (fault) now.set("fault", fault);
    if (chosen() !== "all") now.set("show", chosen());
    apply();
    const text = now.toString();
    try {
      history.replaceState(null, "", text ? "#?" + text : location.pathname + location.search);
    } catch {
      // Some browsers keep the address of a file as it is; the filter works all the same.
    }
  };

  const recall = () => {
    const state = new URLSearchParams(location.hash.startsWith("#?") ? location.hash.slice(2) : "");
    search.value = state.get("find") ?? "";
    if (target) target.value = state.get("target") ?? "";
    topic.value = state.get("topic") ?? "";
    fault = state.get("fault") ?? "";
    const show = document.getElementById("show-" + (state.get("show") ?? "all"));
    if (show) show.checked = true;
    apply();
  };

  form.querySelector(".find").hidden = false;
  recall();
  form.addEventListener("input", remember);
  form.addEventListener("submit", (event) => event.preventDefault());
  only.querySelector("button").addEventListener("click", () => { fault = ""; remember(); });
  // Links to a filter: of cards and of faults.
  addEventListener("hashchange", () => {
    if (location.hash.startsWith("#?")) {
      recall();
      document.querySelector("#all").scrollIntoView();
    }
  });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target instanceof Element && event.target.closest("input, textarea, select");
  if (typing) {
    if (event.key === "Escape" && event.target === search) {
      search.value = "";
      search.dispatchEvent(new Event("input", { bubbles: true }));
      search.blur();
    }
    return;
  }
  if (event.key === "/" && search) {
    event.preventDefault();
    search.focus();
    return;
  }
  const scrolls = event.target instanceof Element && event.target.closest(".matrix-frame, details");
  const rel = scrolls ? undefined : { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
  const link = rel && document.querySelector(`.way a[rel=${rel}]`);
  if (link) link.click();
});

for (const replay of document.querySelectorAll(".replay")) {
  const command = replay.querySelector("code");
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(command.textContent);
      button.textContent = "Copied";
    } catch {
      // Where the clipboard is out of reach, the user copies what is selected.
      getSelection().selectAllChildren(command);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
  replay.append(button);
}

// A link to a target leads to its conversation, and that is not folded up then.
const linked = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
if (linked && linked.matches(".fault")) linked.open = true;
if (linked && linked.matches(".result")) {
  for (const details of linked.querySelectorAll("details")) details.open = true;
}
