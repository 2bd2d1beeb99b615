// Adds controls that hide series and bands, shows values at once and sorts tables; the page is complete without it.
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

function showSpread(shown) {
  document.documentElement.classList.toggle("means-only", !shown);
  for (const box of document.querySelectorAll(".spread input")) box.checked = shown;
}

function spreadControl() {
  const line = control("bands and single seeds", "", showSpread);
  line.className = "spread";
  return line;
}

function control(text, value, changed) {
  const box = document.createElement("input");
  Object.assign(box, { type: "checkbox", checked: true, value });
  box.addEventListener("change", () => changed(box.checked));
  const line = document.createElement("label");
  line.append(box, ` ${text}`);
  return line;
}

for (const figure of document.querySelectorAll("figure")) {
  const labels = new Set([...figure.querySelectorAll("[data-series]")].map(mark => mark.dataset.series));
  if (labels.size < 2) continue;
  const details = document.createElement("details");
  details.className = "toggles";
  const summary = document.createElement("summary");
  summary.textContent = "Show or hide series and bands";
  details.append(summary);
  for (const label of labels) details.append(control(label, label, shown => show(label, shown)));
  details.append(control("all series", "", shown => labels.forEach(label => show(label, shown))));
  details.append(spreadControl());
  const hint = document.createElement("p");
  hint.className = "hint";
  hint.textContent = "Point at a name in the legend for the values of its line, or at a marker.";
  figure.querySelector("svg").before(hint);
  figure.querySelector("svg").after(details);
}

// Many bands on top of one another hide the lines.
const MANY = 6; // series in a figure
const sizes = [...document.querySelectorAll("details.toggles")].map(each => each.querySelectorAll("input").length - 2);
if (Math.max(0, ...sizes) > MANY) showSpread(false);

// The value of the nearest marker; browsers alone show it only after a moment, and only over the marker itself. Over a
// name in the legend: all values of its line, and the other lines fade.
const REACH = 20; // pixels
const bubble = document.createElement("div");
bubble.className = "value-at";
bubble.hidden = true;
document.body.append(bubble);

function nearest(markers, event) {
  return markers
    .filter(marker => !marker.closest("[hidden]"))
    .map(marker => {
      const { left, right, top, bottom } = marker.getBoundingClientRect();
      const distance = Math.hypot((left + right) / 2 - event.clientX, (top + bottom) / 2 - event.clientY);
      return { marker, distance };
    })
    .reduce((a, b) => (b.distance < a.distance ? b : a), { distance: REACH }).marker;
}

function valuesOf(label, markers) {
  const found = markers
    .filter(marker => marker.closest("[data-series]").dataset.series === label)
    .map(marker => marker.dataset.value.slice(label.length + 2).split("\n"))
    .map(([point, text]) => {
      const cut = text.lastIndexOf(": "); // a measure may be named after a class with a colon
      return { point, measure: text.slice(0, cut), value: text.slice(cut + 2).replace(/ \(band .*/, "") };
    });
  return [label, found[0]?.measure, ...found.map(({ point, value }) => `${point}: ${value}`)].join("\n");
}

for (const svg of document.querySelectorAll("figure svg")) {
  const marks = [...svg.querySelectorAll("[data-series]")];
  const markers = [...svg.querySelectorAll("use > title")].map(title => {
    const marker = title.parentElement;
    marker.dataset.value = title.textContent;
    title.remove();
    return marker;
  });
  const show = event => {
    const label = event?.target.closest('[data-part="key"]')?.dataset.series;
    for (const mark of marks) mark.classList.toggle("faded", label !== undefined && mark.dataset.series !== label);
    const text = label === undefined ? event && nearest(markers, event)?.dataset.value : valuesOf(label, markers);
    bubble.hidden = !text;
    if (!text) return;
    bubble.textContent = text;
    bubble.style.left = `${Math.min(event.clientX + 14, innerWidth - bubble.offsetWidth - 4)}px`;
    bubble.style.top = `${Math.min(event.clientY + 14, innerHeight - bubble.offsetHeight - 4)}px`;
  };
  svg.addEventListener("pointermove", show);
  svg.addEventListener("pointerdown", show); // a finger does not move before it touches
  svg.addEventListener("pointerleave", event => { if (event.pointerType !== "touch") show(); });
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
