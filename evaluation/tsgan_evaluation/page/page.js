"use strict";
// Without this script the page is whole but for its pictures: the table stands sorted, nothing is hidden.

// ---- the table: sort, filter, fold ----
const FOLD = 20;
const table = document.getElementById("table");
if (table) {
  const body = table.tBodies[0], rows = [...body.rows], form = document.querySelector(".filters");
  const boxes = [...form.querySelectorAll("[type=checkbox]")], search = form.querySelector("[type=search]");
  const more = document.getElementById("more"), status = form.querySelector("[role=status]");
  let folded = rows.length > FOLD + 5;

  const show = () => {
    const wanted = new Set(boxes.filter(box => box.checked).map(box => box.value)), text = search.value.trim().toLowerCase();
    let count = 0;
    for (const row of body.rows) {
      const fits = wanted.has(row.dataset.verdict) && row.textContent.toLowerCase().includes(text);
      row.classList.toggle("filtered", !fits);
      row.classList.toggle("folded", fits && folded && count >= FOLD);
      count += fits;
    }
    more.hidden = !folded || count <= FOLD;
    more.textContent = `Show all ${count} rows`;
    status.textContent = `${folded ? Math.min(count, FOLD) : count} of ${rows.length} rows shown`;
  };
  const key = (row, k) => {
    const cell = row.cells[k];
    return !cell || row.cells.length <= 3 && k > 1 ? "" : cell.dataset.key ?? cell.textContent.trim();
  };
  const compare = (a, b) => {
    if (a === "" || b === "") return (a === "") - (b === "");
    return isNaN(a) || isNaN(b) ? a.localeCompare(b) : a - b;
  };
  [...table.tHead.rows[0].cells].forEach((head, k) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      // What is missing stays last, whichever way the rest goes.
      const order = (a, b) => (down && key(a, k) !== "" && key(b, k) !== "" ? -1 : 1) * compare(key(a, k), key(b, k));
      body.append(...[...rows].sort(order));
      show();
    });
  });
  form.addEventListener("submit", event => event.preventDefault());
  form.addEventListener("input", show);
  more.addEventListener("click", () => { folded = false; show(); status.tabIndex = -1; status.focus(); });
  form.hidden = false;
  show();
}

// ---- the pictures ----
const DASHES = { synthetic: "5px,3px", holdout: "2px,2px" };
const SYMBOLS = { real: "circle", synthetic: "x-thin-open", holdout: "diamond-open" };
const GRID = "rgba(128,132,140,.25)";
// Plotly reads markup in names; a column may be called <b>.
const plain = text => String(text).replace(/\s+/g, " ").replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
const brief = (text, most) => plain([...String(text)].length > most ? [...String(text)].slice(0, most - 1).join("") + "…" : text);

function trace(mark, lines) {
  const base = { name: mark.name, meta: mark.side, showlegend: false, hoverinfo: "name+y" };
  const line = { color: mark.colour, width: lines ? 1.4 : 2, dash: lines ? "solid" : DASHES[mark.side] ?? "solid" };
  if (mark.style === "band") {
    const seen = mark.x.map((_, k) => k).filter(k => mark.y[k] !== null && mark.top[k] !== null), back = [...seen].reverse();
    return { ...base, x: [...seen, ...back].map(k => mark.x[k]), y: [...seen.map(k => mark.y[k]), ...back.map(k => mark.top[k])],
      mode: "lines", line: { width: 0 }, fill: "toself", fillcolor: mark.colour + "59", hoverinfo: "skip" };
  }
  if (mark.style === "steps") return { ...base, x: mark.x, y: [...mark.y, mark.y.at(-1)], mode: "lines", line: { ...line, shape: "hv" } };
  if (mark.style === "points") {
    return { ...base, x: mark.x, y: mark.y, mode: "markers", hoverinfo: "name",
      marker: { color: mark.colour, symbol: SYMBOLS[mark.side], size: 7, opacity: .75, line: { color: mark.colour, width: 1.4 } } };
  }
  if (mark.style === "bars" && mark.side === "figure") {
    return { ...base, type: "bar", orientation: "h", base: mark.base, x: mark.x.map(x => x - mark.base), y: mark.y, width: .6,
      marker: { color: mark.colour }, customdata: mark.x, hovertemplate: "%{customdata:.3f}<extra></extra>" };
  }
  if (mark.style === "bars") {
    return { ...base, type: "bar", x: mark.x, y: mark.y,
      marker: { color: mark.colour,
        pattern: { shape: mark.side === "synthetic" ? "/" : "", bgcolor: mark.colour, fgcolor: "rgba(255,255,255,.75)", size: 6 } } };
  }
  return { ...base, x: mark.x, y: mark.y, mode: "lines", line, connectgaps: false };
}

function axis(spec, values, width) {
  const out = { title: { text: plain(spec.title), standoff: 6, font: { size: 12 } }, gridcolor: GRID, linecolor: GRID, zeroline: false,
    automargin: true, type: spec.log ? "log" : "linear", nticks: 6 };
  if (spec.log) {  // over few decades 2 and 5 have ticks as well
    const seen = values.filter(y => y > 0);
    Object.assign(out, { exponentformat: "power", minexponent: 2, dtick: Math.max(...seen) / Math.min(...seen) > 50 ? 1 : "D2" });
  }
  if (spec.range) out.range = spec.range;
  if (spec.ticks) Object.assign(out, { tickvals: spec.ticks[0], ticktext: spec.ticks[1].map(text => brief(text, Math.max(8, width / 14))) });
  return out;
}

function figure(panel, width) {
  // Dragging to zoom is for those with a mouse: on a phone it would catch the finger that scrolls.
  const layout = { margin: { l: 44, r: 8, t: 8, b: 40 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", height: 210,
    font: { size: 12, family: getComputedStyle(document.body).fontFamily },
    dragmode: matchMedia("(hover: hover)").matches ? "zoom" : false, hovermode: "x unified" };
  if (panel.matrix) {
    const few = panel.labels.length <= 10;
    const ticks = { tickvals: panel.labels.map((_, k) => k), ticktext: panel.labels.map(text => brief(text, 14)) };
    const sides = panel.labels.length <= 25 ? { ...ticks, automargin: true } : { showticklabels: false };
    const data = [{ type: "heatmap", z: panel.matrix, zmin: -panel.limit, zmax: panel.limit, showscale: false, xgap: 1, ygap: 1,
      colorscale: [[0, "rgba(0,114,178,1)"], [.5, "rgba(128,132,140,.08)"], [1, "rgba(213,94,0,1)"]],
      customdata: panel.labels.map(a => panel.labels.map(b => `${plain(a)}, ${plain(b)}`)),
      hovertemplate: "%{customdata}: %{z:.2f}<extra></extra>", hoverongaps: false,
      ...(few ? { texttemplate: "%{z:.2f}" } : {}) }];
    return [data, { ...layout, height: 330, hovermode: "closest", xaxis: { ...sides, tickangle: -90, zeroline: false, showgrid: false },
      yaxis: { ...sides, autorange: "reversed", zeroline: false, showgrid: false } }];
  }
  const styles = new Set(panel.marks.map(mark => mark.style));
  const data = panel.marks.map(mark => trace(mark, panel.plain));
  layout.xaxis = axis(panel.x, [], width);
  layout.yaxis = axis(panel.y, panel.marks.flatMap(mark => mark.y), width);
  if (!panel.x.title) layout.margin.b = 24;
  if (styles.has("steps") || styles.has("bars")) layout.yaxis.rangemode = "tozero";
  if (styles.has("points")) Object.assign(layout, { height: 380, hovermode: "closest" });
  if (panel.marks.some(mark => mark.side === "figure")) Object.assign(layout.xaxis, { range: [0, 1] });
  if (panel.y.ticks?.[1].length && panel.y.range) {  // names, one above the other
    layout.hovermode = "closest";
    layout.height = Math.max(210, 70 + 26 * panel.y.ticks[1].length);
  }
  if (panel.plain) layout.hovermode = "closest";
  return [data, layout];
}

function draw(plot) {
  if (plot.dataset.drawn) return;
  plot.dataset.drawn = "yes";
  Plotly.newPlot(plot, ...figure(pictures[plot.dataset.picture][plot.dataset.panel], plot.clientWidth), { displayModeBar: false, responsive: true });
  plot.dataset.height = plot.layout.height;
  // The label says what the thousand elements show; Plotly measures letters in an element of its own.
  for (const silent of [plot.firstElementChild, document.getElementById("js-plotly-tester")]) silent?.setAttribute("aria-hidden", "true");
  const fit = () => {  // so that paper of any width can scale it
    const { width, height } = plot._fullLayout;
    for (const svg of plot.querySelectorAll(".main-svg")) svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    plot.querySelector(".svg-container").style.aspectRatio = `${width} / ${height}`;
  };
  plot.on("plotly_afterplot", fit);
  fit();
}

let pictures = [];
async function start() {
  pictures = JSON.parse(document.getElementById("data").textContent);
  const plots = [...document.querySelectorAll(".plot")];
  const packed = Uint8Array.from(atob(document.getElementById("plotly").textContent), c => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const script = document.createElement("script");
  script.textContent = await new Response(stream).text();
  document.head.append(script);
  const seen = new IntersectionObserver(entries => {
    for (const entry of entries) if (entry.isIntersecting) { seen.unobserve(entry.target); draw(entry.target); }
  }, { rootMargin: "600px" });
  plots.forEach(plot => seen.observe(plot));
  const folds = [...document.querySelectorAll("details")];
  addEventListener("beforeprint", () => {
    folds.forEach(fold => { fold.dataset.was = fold.open ? "open" : ""; fold.open = true; });
    for (const plot of plots) {  // as wide as on paper, so that letters keep their size
      draw(plot);
      const width = plot.closest(".across-2") ? 340 : 224;
      Plotly.relayout(plot, { width, height: Math.min(plot.layout.height, plot.closest(".across-2") ? 300 : 230) });
    }
  });
  addEventListener("afterprint", () => {
    folds.forEach(fold => { fold.open = fold.dataset.was === "open"; });
    for (const plot of plots) Plotly.relayout(plot, { width: null, height: +plot.dataset.height, autosize: true });
  });
  for (const button of document.querySelectorAll(".legend button")) {
    button.disabled = false;
    button.addEventListener("click", () => {
      const shown = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", shown);
      for (const plot of button.closest("section").querySelectorAll(".plot")) {
        draw(plot);
        const places = plot.data.flatMap((trace, k) => trace.meta === button.dataset.side ? [k] : []);
        if (places.length) Plotly.restyle(plot, { visible: shown }, places);
      }
    });
  }
  document.documentElement.dataset.ready = "yes";
}
start().catch(error => {
  for (const plot of document.querySelectorAll(".plot")) plot.textContent = "The picture needs a browser of 2023 or later.";
  throw error;
});
