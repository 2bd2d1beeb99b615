// Adds controls that hide series in figures and sort tables; the page is complete without them.
"use strict";

const series = new Map(); // label -> its lines and markers in all figures
for (const mark of document.querySelectorAll("[data-series]")) {
  const label = mark.dataset.series;
  if (!series.has(label)) series.set(label, []);
  series.get(label).push(mark);
}

function show(label, shown) {
  for (const mark of series.get(label)) mark.toggleAttribute("hidden", !shown);
  for (const box of document.querySelectorAll(".toggles input")) {
    if (box.value === label) box.checked = shown;
  }
}

for (const figure of document.querySelectorAll("figure")) {
  const labels = new Set([...figure.querySelectorAll("[data-series]")].map(mark => mark.dataset.series));
  if (labels.size < 2) continue;
  const details = document.createElement("details");
  details.className = "toggles";
  const summary = document.createElement("summary");
  summary.textContent = "Show or hide series, in all figures";
  details.append(summary);
  for (const label of labels) {
    const box = document.createElement("input");
    Object.assign(box, { type: "checkbox", checked: true, value: label });
    box.addEventListener("change", () => show(label, box.checked));
    const line = document.createElement("label");
    line.append(box, ` ${label}`);
    details.append(line);
  }
  figure.querySelector("svg").after(details);
}

// The first number in a cell; cells without a number come last, sorted by their text.
function number(text) {
  const found = text.replaceAll("\u2212", "-").replaceAll(",", "").match(/[-+]?\d+(\.\d+)?(e[-+]?\d+)?/);
  return found ? Number(found[0]) : Infinity;
}

function sort(table, column, numeric, descending) {
  const body = table.tBodies[0];
  const text = row => row.cells[column].textContent;
  const order = (a, b) => {
    const [x, y] = [number(text(a)), number(text(b))];
    if (!numeric || x === y) return (descending ? -1 : 1) * text(a).localeCompare(text(b));
    if (!Number.isFinite(x) || !Number.isFinite(y)) return x - y;
    return descending ? y - x : x - y;
  };
  body.append(...[...body.rows].sort(order));
}

for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const descending = head.getAttribute("aria-sort") === "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      sort(table, column, head.classList.contains("numeric"), descending);
    });
  });
}
