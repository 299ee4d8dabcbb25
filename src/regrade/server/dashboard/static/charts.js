"use strict";
// Draws the series of a page larger and with what is under the pointer; without it they are plain SVG.
(() => {
  const data = document.querySelector("#series-data");
  if (!data || typeof uPlot === "undefined") return;
  const { runs, times, series } = JSON.parse(data.textContent);
  const resolved = (name) => {
    const probe = document.createElement("span");
    probe.style.color = `var(${name})`;
    document.body.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  };
  const [accent, faint, line, poor] = ["--accent", "--faint", "--line", "--poor"].map(resolved);
  const wash = accent.replace("rgb(", "rgba(").replace(")", ", 0.15)");
  const SHOW = {
    share: (v) => `${(100 * v).toFixed(1)}%`,
    time: (v) => (v < 1 ? `${Number((1000 * v).toPrecision(3))} ms` : `${Number(v.toPrecision(3))} s`),
    usd: (v) => (v < 1 ? `$${v.toFixed(4)}` : `$${v.toFixed(2)}`),
    count: (v) => String(v),
  };
  const when = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

  function draw(figure) {
    const points = series[figure.dataset.series];
    const place = figure.querySelector(".plot-of");
    if (!points || !place) return;
    const show = SHOW[figure.dataset.kind] || String;
    const xs = times || points.map((_, at) => at);
    const column = (which) => points.map((each) => (each ? each[which] : null));
    const limit = figure.dataset.limit ? Number(figure.dataset.limit) : null;
    const columns = [xs, column(0), column(1), column(2)];
    const lines = [{}, { stroke: accent, width: 2, points: { show: points.length < 60, size: 5 }, spanGaps: false }, { stroke: "transparent", points: { show: false } }, { stroke: "transparent", points: { show: false } }];
    if (limit !== null) { columns.push(xs.map(() => limit)); lines.push({ stroke: poor, width: 1.5, dash: [6, 4], points: { show: false } }); }
    const tip = document.createElement("div");
    tip.className = "tip";
    tip.hidden = true;
    const size = () => ({ width: Math.max(120, place.clientWidth), height: figure.classList.contains("wide") ? 210 : 120 });
    const chart = new uPlot({
      ...size(),
      series: lines,
      bands: [{ series: [3, 2], fill: wash }],
      legend: { show: false },
      cursor: { y: false, drag: { x: true, y: false } },
      scales: { x: { time: Boolean(times) }, y: figure.dataset.kind === "share" ? {} : { range: (_, low, high) => [Math.min(0, low), high || 1] } },
      axes: [
        { stroke: faint, grid: { show: false }, ticks: { show: false }, size: times ? 44 : 8, values: times ? undefined : () => [] },
        { stroke: faint, grid: { stroke: line, width: 1 }, ticks: { show: false }, size: 52, values: (_, ticks) => ticks.map(show), font: "11px system-ui" },
      ],
      hooks: {
        setCursor: [(self) => {
          const at = self.cursor.idx;
          const point = at === null || at === undefined ? null : points[at];
          tip.hidden = !point;
          if (!point) return;
          const ends = point[1] === null || point[2] === null ? "" : ` [${show(point[1])}, ${show(point[2])}]`;
          const name = runs ? [runs[at][2] || runs[at][0], when.format(runs[at][1] * 1000), [runs[at][3], runs[at][4]].filter(Boolean).join(" ")].filter(Boolean).join("\n") : when.format(times[at] * 1000);
          tip.textContent = `${show(point[0])}${ends}\n${name}`;
          const left = self.valToPos(xs[at], "x") + 60;
          tip.style.left = `${Math.min(left, place.clientWidth - 180)}px`;
          tip.style.top = "4px";
        }],
      },
    }, columns, (self, ready) => { place.replaceChildren(self.root, tip); place.style.height = "auto"; ready(); });
    if (runs) chart.over.addEventListener("click", () => { const at = chart.cursor.idx; if (at !== null && at !== undefined && runs[at]) location.assign(`/runs/${encodeURIComponent(runs[at][0])}`); });
    new ResizeObserver(() => { if (place.clientWidth && Math.abs(place.clientWidth - chart.width) > 4) chart.setSize(size()); }).observe(figure);
  }

  // one at a time, when it comes into view: no long task
  const seen = new IntersectionObserver((entries) => {
    for (const each of entries) if (each.isIntersecting) { seen.unobserve(each.target); requestAnimationFrame(() => draw(each.target)); }
  }, { rootMargin: "120px" });
  for (const figure of document.querySelectorAll("[data-series]")) seen.observe(figure);
})();
