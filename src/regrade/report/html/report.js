(() => {
  "use strict";
  const PAGE = 60;
  const data = JSON.parse(document.getElementById("rows").textContent);
  const [ID, TRIAL, OUTCOME, CRITICAL, TAGS, INPUT, OUTPUT, ERROR, LATENCY, COST, GRADES, BROKEN, FURTHER, STEPS, FIRST] = Array(15).keys();
  const MARKS = [["✓", "good"], ["✗", "poor"], ["–", "fair"]];
  const rows = data.rows;
  const find = (id) => document.getElementById(id);
  const controls = { search: find("search"), outcome: find("outcome"), grader: find("grader"), first: find("first"), tag: find("tag"), sort: find("sort") };
  const list = find("list"), more = find("more");
  let found = [], drawn = 0, haystacks = null;

  const element = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined && text !== null) made.textContent = text;
    return made;
  };
  const graderName = (index) => {
    const [name, criterion, component, required] = data.graders[index];
    const place = (criterion && criterion !== name ? `${criterion} · ${name}` : name) + (component ? ` at ${component}` : "");
    return required ? place : `${place} (optional)`;
  };
  const option = (select, value, text) => {
    const made = element("option", "", text);
    made.value = value;
    select.append(made);
  };
  const seconds = (value) => value === null ? "" : value < 0.01 ? `${(value * 1000).toPrecision(2)} ms` : value < 1 ? `${Math.round(value * 1000)} ms` : `${value.toFixed(2)} s`;

  data.graders.forEach((_, index) => option(controls.grader, index, `failed: ${graderName(index)}`));
  for (const name of data.firsts) option(controls.first, name, `failed first at ${name}`);
  controls.first.hidden = !data.firsts.length;
  for (const [tag, values] of Object.entries(data.tags)) for (const value of values) option(controls.tag, JSON.stringify([tag, value]), `${tag}: ${value}`);

  const haystack = (index) => {
    haystacks ??= new Array(rows.length);
    return haystacks[index] ??= [
      rows[index][ID], rows[index][INPUT], rows[index][OUTPUT] ?? "", rows[index][ERROR] ?? "",
      ...rows[index][GRADES].map((grade) => grade[2] ?? ""), ...rows[index][BROKEN].map((each) => each[1]),
    ].join("\n").toLowerCase();
  };
  const ORDERS = {
    worst: null,
    id: (a, b) => rows[a][ID] < rows[b][ID] ? -1 : rows[a][ID] > rows[b][ID] ? 1 : rows[a][TRIAL] - rows[b][TRIAL],
    latency: (a, b) => (rows[b][LATENCY] ?? -1) - (rows[a][LATENCY] ?? -1),
    cost: (a, b) => (rows[b][COST] ?? -1) - (rows[a][COST] ?? -1),
  };

  const select = () => {
    const words = controls.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const outcome = controls.outcome.value, grader = controls.grader.value;
    const tag = controls.tag.value ? JSON.parse(controls.tag.value) : null;
    found = [];
    rows.forEach((row, index) => {
      if (outcome !== "" && row[OUTCOME] !== Number(outcome)) return;
      if (grader !== "" && !row[GRADES].some((grade) => grade[0] === Number(grader) && grade[1] === 0)) return;
      if (controls.first.value && row[FIRST] !== controls.first.value) return;
      if (tag && row[TAGS][tag[0]] !== tag[1]) return;
      if (words.length && !words.every((word) => haystack(index).includes(word))) return;
      found.push(index);
    });
    if (ORDERS[controls.sort.value]) found.sort(ORDERS[controls.sort.value]);
    find("shown").textContent = `${found.length.toLocaleString("en")} of ${rows.length.toLocaleString("en")}`;
    list.replaceChildren();
    drawn = 0;
    draw();
  };

  const pair = (into, name, text, className) => {
    into.append(element("dt", "", name), element("dd", className, text));
  };
  const waterfall = (into, steps, grades) => {
    const begin = Math.min(...steps.map((step) => step[3]));
    const length = Math.max(...steps.map((step) => step[3] + (step[4] ?? 0))) - begin || 1e-9;
    for (const [depth, name, kind, start, took, error, input, output, judged] of steps) {
      const step = element("details", "step"), head = element("summary"), label = element("span", "name"), marks = element("span", "marks");
      label.append(element("span", "faint", "· ".repeat(depth)), element("b", error ? "poor" : "", name), element("span", "faint", ` ${kind}`));
      const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg"), bar = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      svg.setAttribute("viewBox", "0 0 100 6");
      svg.setAttribute("preserveAspectRatio", "none");
      bar.setAttribute("x", 100 * (start - begin) / length);
      bar.setAttribute("width", Math.max(100 * (took ?? 0) / length, 0.6));
      bar.setAttribute("height", 6);
      bar.setAttribute("class", error ? "range poor" : "range good");
      svg.append(bar);
      head.append(label, svg, element("span", "faint number", took === null ? "open" : seconds(took)));
      for (const place of judged) {
        const [index, passed] = grades[place], [mark, className] = MARKS[passed === null ? 2 : 1 - passed];
        marks.append(element("span", className, `${mark} ${data.graders[index][0]}`));
      }
      if (judged.length) head.append(marks);
      step.append(head);
      for (const [title, text] of [["error", error], ["input", input], ["output", output]]) if (text !== null) step.append(element("div", "faint", title), element("div", "", text));
      for (const place of judged) {
        const [index, passed, reason] = grades[place];
        step.append(element("div", "faint", graderName(index)), element("div", passed === 0 ? "poor" : "", reason ?? (passed ? "passed" : "")));
      }
      into.append(step);
    }
  };
  const fill = (holder, row) => {
    const detail = element("div", "detail"), terms = element("dl");
    pair(terms, "input", row[INPUT]);
    for (const [name, text] of Object.entries(row[FURTHER])) pair(terms, name, text);
    if (row[OUTPUT] !== null) pair(terms, "output", row[OUTPUT] || "(an empty text)");
    if (row[ERROR] !== null) pair(terms, "error", row[ERROR], "poor");
    for (const [index, passed, reason, issues] of row[GRADES]) {
      const [mark, className] = MARKS[passed === null ? 2 : 1 - passed];
      pair(terms, `${mark} ${graderName(index)}`, reason ?? (passed ? "passed" : ""), passed === 0 ? className : "");
      for (const issue of issues ?? []) terms.append(element("dd", "faint", `· ${issue}`));
    }
    for (const [index, said] of row[BROKEN]) pair(terms, `! ${graderName(index)} could not judge`, said, "fair");
    if (row[STEPS].length) {
      terms.append(element("dt", "", `steps (${row[STEPS].length})`));
      const shown = element("dd", "steps");
      waterfall(shown, row[STEPS], row[GRADES]);
      terms.append(shown);
    }
    const facts = Object.entries(row[TAGS]).map(([tag, value]) => `${tag}: ${value}`);
    if (row[COST] !== null) facts.push(`$${row[COST].toPrecision(3)}`);
    if (facts.length) terms.append(element("dt", "", facts.join(" · ")));
    detail.append(terms);
    holder.append(detail);
  };
  const why = (row) => {
    if (row[ERROR] !== null) return row[ERROR];
    const failed = row[GRADES].find((grade) => grade[1] === 0);
    return failed ? `${graderName(failed[0])}: ${failed[2] ?? ""}` : "";
  };
  const draw = () => {
    const part = document.createDocumentFragment();
    for (const index of found.slice(drawn, drawn + PAGE)) {
      const row = rows[index], holder = element("details", "attempt"), head = element("summary");
      const [mark, className] = MARKS[row[OUTCOME]], line = element("span", "line"), name = element("b");
      name.textContent = row[ID] + (data.trials > 1 ? ` (trial ${row[TRIAL] + 1})` : "") + (row[CRITICAL] ? " · critical" : "");
      line.append(element("span", "", row[INPUT].slice(0, 200)), element("span", "why", why(row) && ` — ${why(row).slice(0, 200)}`));
      head.append(element("span", className, mark), name, line, element("span", "faint number", seconds(row[LATENCY])));
      holder.append(head);
      holder.addEventListener("toggle", () => { if (holder.open && holder.childElementCount === 1) fill(holder, row); });
      part.append(holder);
    }
    list.append(part);
    drawn = Math.min(drawn + PAGE, found.length);
    more.hidden = drawn >= found.length;
  };

  let waiting = 0;
  controls.search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(select, 120); });
  for (const name of ["outcome", "grader", "first", "tag", "sort"]) controls[name].addEventListener("change", select);
  more.addEventListener("click", draw);
  document.body.classList.add("live");
  find("attempts").hidden = false;
  select();
})();
