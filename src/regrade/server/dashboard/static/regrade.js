"use strict";
// What makes the pages quicker to use; every page can be read without it.
(() => {
  const find = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  document.documentElement.classList.add("live-script");

  // times are those of the reader; the title says UTC
  const shown = new Intl.DateTimeFormat(undefined, { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" });
  function localTimes(root) {
    for (const each of all("time[datetime]:not([data-local])", root)) {
      const at = new Date(each.dateTime);
      if (Number.isNaN(at.getTime())) continue;
      each.textContent = shown.format(at);
      each.dataset.local = "";
    }
  }

  // what is told at the bottom of the page
  let hides;
  function tell(text) {
    const place = find("#told");
    if (!place) return;
    place.textContent = text;
    clearTimeout(hides);
    hides = setTimeout(() => { place.textContent = ""; }, 6000);
  }

  // keys: what has data-key is clicked or focused by it; lists are walked with j and k
  const NAMES = { "/": "/", " ": "space" };
  const isWriting = (target) => target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) && !/^(radio|checkbox)$/.test(target.type || "");
  const isSeen = (each) => each.offsetParent !== null || each.getClientRects().length > 0;
  let waitsForPage = false;

  function walk(step) {
    const rows = all("[data-list] [data-row]").filter(isSeen);
    if (!rows.length) return false;
    const at = rows.findIndex((row) => row.classList.contains("selected"));
    const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step));
    rows[at]?.classList.remove("selected");
    rows[next].classList.add("selected");
    find("a", rows[next])?.focus({ preventScroll: true });
    rows[next].scrollIntoView({ block: "nearest" });
    return true;
  }

  function press(key) {
    for (const each of all(`[data-key="${CSS.escape(key)}"]`)) {
      if (!isSeen(each)) continue;
      if (/^(INPUT|TEXTAREA|SELECT)$/.test(each.tagName)) { each.focus(); each.select?.(); } else each.click();
      return true;
    }
    return false;
  }

  function showKeys() {
    const list = find("#keys-list");
    const dialog = find("#keys");
    if (!dialog || dialog.open) return;
    const rows = [["?", "these keys"], ["j k", "walk through a list, or to the next case"], ["Enter", "open what is marked"]];
    for (const each of all("[data-key]")) if (isSeen(each)) rows.push([each.dataset.key, each.dataset.says || each.textContent.trim()]);
    for (const each of all("[data-go]")) rows.push([`g ${each.dataset.go}`, each.textContent.trim()]);
    const seen = new Set();
    list.replaceChildren(...rows.filter(([key]) => !seen.has(key) && seen.add(key)).map(([key, says]) => {
      const row = document.createElement("tr");
      const left = row.insertCell();
      const keyOf = document.createElement("kbd");
      keyOf.textContent = key;
      left.append(keyOf);
      row.insertCell().textContent = says;
      return row;
    }));
    dialog.showModal();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || find("dialog[open]")) return;
    if (event.key === "Escape" && isWriting(event.target)) { event.target.blur(); return; }
    if (isWriting(event.target)) return;
    const key = NAMES[event.key] || event.key;
    if (key === "space" && /^(BUTTON|SUMMARY|A)$/.test(event.target.tagName)) return;
    if (waitsForPage) {
      waitsForPage = false;
      const page = find(`[data-go="${CSS.escape(key)}"]`);
      if (page) { event.preventDefault(); page.click(); }
      return;
    }
    if (key === "?") { event.preventDefault(); showKeys(); return; }
    if (key === "g") { waitsForPage = true; setTimeout(() => { waitsForPage = false; }, 1200); return; }
    if (press(key) || (key === "j" && walk(1)) || (key === "k" && walk(-1))) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("#show-keys")) showKeys();
    const pause = event.target.closest("#pause");
    if (pause) {
      const isPaused = pause.getAttribute("aria-pressed") !== "true";
      pause.setAttribute("aria-pressed", String(isPaused));
      pause.textContent = isPaused ? "Go on" : "Stop";
    }
  });

  // live traffic, and runs that are going on: shown anew while nobody is in the middle of something
  setInterval(() => {
    const place = find("[data-live], [data-refresh]");
    if (!place || document.hidden || scrollY > 240 || isWriting(document.activeElement) || find(".selected", place)) return;
    if (find("#pause")?.getAttribute("aria-pressed") === "true") return;
    if (place.matches("[data-refresh]")) { if (find("#going progress")) htmx.trigger(place, "refresh"); return; }
    const query = find("[data-query]", place)?.dataset.query || "?";
    htmx.ajax("GET", `/live${query}${query === "?" ? "" : "&"}whole=true`, { target: place, swap: "innerHTML" });
  }, 3000);

  // the address says what is shown
  document.addEventListener("htmx:afterSettle", (event) => { localTimes(event.target); });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt;
    if (!(form instanceof HTMLFormElement) || form.method !== "get" || !event.detail.successful) return;
    const isUsual = (name) => form.elements[name] instanceof HTMLSelectElement && form.elements[name].selectedIndex === 0;
    const query = new URLSearchParams([...new FormData(form)].filter(([name, value]) => value !== "" && !isUsual(name)));
    const rest = query.size ? `?${query}` : "";
    history.replaceState(history.state, "", location.pathname + rest);
    const view = find("[data-view] input[name=query]");
    if (view) view.value = rest;
  });
  document.addEventListener("htmx:responseError", (event) => {
    const page = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
    tell(find(".said", page)?.textContent || find("h1", page)?.textContent || "That did not work.");
  });
  document.addEventListener("htmx:sendError", () => { tell("The server does not answer."); });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id === "item") { scrollTo(0, 0); }
  });
  localTimes(document);
  find(".top nav [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
})();
