// What makes the report better than it is without: a search, keys, copying.
// It reads what is on the page and never makes markup of it.
"use strict";

const search = document.querySelector("#find");
if (search) {
  const form = search.closest("form");
  const rows = [...document.querySelectorAll("tr.case")].map((row) => ({
    row,
    text: row.querySelector("th").textContent.toLowerCase() + " " + row.querySelector("th a").title.toLowerCase(),
  }));
  const groups = [...document.querySelectorAll(".matrix tbody")];
  const found = document.querySelector("#found");
  const nothing = document.querySelector(".nothing");

  const state = () => new URLSearchParams(location.hash.startsWith("#?") ? location.hash.slice(2) : "");

  const apply = () => {
    const terms = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const { row, text } of rows) {
      row.hidden = !terms.every((term) => text.includes(term));
    }
    let shown = 0;
    for (const group of groups) {
      // The filter by verdict is the style sheet's; only what it leaves is counted.
      group.hidden = !group.querySelector("tr.case:not([hidden])");
      for (const row of group.querySelectorAll("tr.case")) {
        shown += row.offsetParent === null ? 0 : 1;
      }
    }
    found.textContent = shown === rows.length ? "" : shown + " of " + rows.length;
    nothing.hidden = shown > 0;
  };

  const remember = () => {
    const now = state();
    const show = form.querySelector("input[name=show]:checked");
    now.delete("find");
    now.delete("show");
    if (search.value) now.set("find", search.value);
    if (show && show.id !== "show-all") now.set("show", show.id.slice("show-".length));
    apply();
    const text = now.toString();
    try {
      history.replaceState(null, "", text ? "#?" + text : location.pathname + location.search);
    } catch {
      // Some browsers keep the address of a file as it is; the filter works all the same.
    }
  };

  form.querySelector(".find").hidden = false;
  const start = state();
  search.value = start.get("find") ?? "";
  const show = document.getElementById("show-" + (start.get("show") ?? "all"));
  if (show) show.checked = true;
  apply();
  form.addEventListener("input", remember);
  form.addEventListener("submit", (event) => event.preventDefault());
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target instanceof Element && event.target.closest("input, textarea");
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
const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
if (target && target.matches(".result")) {
  for (const details of target.querySelectorAll("details")) details.open = true;
}
