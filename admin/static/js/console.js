// Keys for registers (j and k move, Enter opens, / searches), and what happens when the hub does not answer.
// Nothing here is needed: without a script every page works by its links and forms.
"use strict";

const rows = () => [...document.querySelectorAll("[data-rows] tbody tr")];
const linkOf = (row) => row.querySelector("a.row, a[href]");

function typing(target) {
  return target.closest("input, select, textarea, [contenteditable]") !== null;
}

function move(step) {
  const all = rows().filter(linkOf);
  if (!all.length) return;
  const here = all.findIndex((row) => row.contains(document.activeElement));
  const next = here < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + step, 0), all.length - 1);
  linkOf(all[next]).focus();
  all[next].scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
  if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "/") {
    const box = document.querySelector("[data-search]");
    if (!box) return;
    event.preventDefault();
    box.focus();
    box.select();
  }
});

// A row opens where it is clicked, unless something in it was meant, or words are being marked.
document.addEventListener("click", (event) => {
  const row = event.target.closest("[data-rows] tbody tr");
  if (!row || event.target.closest("a, button, input, label") || String(getSelection())) return;
  const link = row.querySelector("a.row");
  if (link) link.click();
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-send]")) event.target.form.requestSubmit();
});

function mark() {
  for (const row of rows()) row.classList.toggle("opens", row.querySelector("a.row") !== null);
}
document.addEventListener("DOMContentLoaded", mark);
document.addEventListener("htmx:load", mark);

// A refusal is a page of its own: show it as one, not in place of the table.
document.addEventListener("htmx:responseError", (event) => {
  location.assign(event.detail.pathInfo.finalRequestPath);
});
document.addEventListener("htmx:sendError", () => {
  document.getElementById("failing").hidden = false;
});
document.addEventListener("htmx:beforeSend", () => {
  document.getElementById("failing").hidden = true;
});
