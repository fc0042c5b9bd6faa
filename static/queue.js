// The queue on the page under review: says every minute that the page is open
// here, gives it back on leaving, and sets pages aside by F7 and a digit.
"use strict";

{
  const renewal = 60_000; // ms
  const bar = () => document.getElementById("queue-bar");
  let page = ""; // that is claimed here

  // post asks the server, and returns its answer or null.
  async function post(path, fields = {}) {
    try {
      const answer = await outbox.asPerson(path, {method: "POST", body: new URLSearchParams(fields), redirect: "error"}, false);
      return answer.ok && answer.status !== 204 ? await answer.json() : null;
    } catch {
      return null; // offline, or logged out: others say so
    }
  }

  // claim says that the page is open here. Whoever left another page for it does
  // not keep that one.
  async function claim() {
    const at = bar();
    if (!at || document.hidden) return;
    const now = at.dataset.page, left = page && page !== now ? page : "";
    page = now;
    const held = await post(`/pages/${now}/claim`, left ? {after: left} : {});
    const shown = bar();
    if (!held || !shown || shown.dataset.page !== now) return;
    if (held.mine === shown.hasAttribute("data-held") || !held.mine) draw(shown);
  }

  // draw shows anew who has the page, unless somebody writes in the bar.
  function draw(shown) {
    if (shown.querySelector("details[open]")) return;
    const {page, query} = shown.dataset;
    htmx.ajax("GET", `/pages/${page}/queue` + (query ? "?" + query : ""), {target: shown, swap: "outerHTML"});
  }

  // leave goes on to the next page: what is open on this one is not asked for.
  function leave() {
    const next = document.getElementById("next");
    if (next) next.click();
    else location.href = bar().dataset.next;
  }

  // trashed goes on from a page that was put into the trash. On the next one it is said
  // how to have it back, also where that has to be loaded.
  function trashed() {
    document.getElementById("trashed").classList.remove("read");
    const reviewing = document.querySelector(".reviewing");
    if (reviewing.dataset.next) reviewing.dataset.next += "&trashed=" + reviewing.dataset.page;
    leave();
  }

  // opened begins with a page: what was said of one before the last is known by now.
  function opened() {
    const said = document.getElementById("trashed");
    if (said.classList.contains("read")) said.replaceChildren();
    said.classList.add("read");
    claim();
  }

  const menu = () => document.getElementById("aside-menu");

  function openMenu() {
    const m = menu();
    if (!m) return false;
    m.open = true;
    m.querySelector("button:not(:disabled)").focus();
  }

  function close(m) {
    m.open = false;
    m.querySelector("summary").focus();
  }

  // In an open menu arrows lead from button to button, and a digit presses one.
  function inMenu(event, m) {
    const buttons = [...m.querySelectorAll("button")].filter(b => !b.disabled);
    const at = buttons.indexOf(document.activeElement);
    if (event.key === "Escape") close(m);
    else if (m.id !== "aside-menu" || event.ctrlKey || event.altKey || event.metaKey) return false;
    else if (event.key === "ArrowDown") buttons[(at + 1) % buttons.length].focus();
    else if (event.key === "ArrowUp") buttons[(at + buttons.length - 1) % buttons.length].focus();
    else {
      const chosen = buttons.find(b => b.querySelector("kbd").textContent === event.key);
      if (!chosen) return false;
      chosen.click();
    }
    return true;
  }

  document.addEventListener("keydown", event => {
    if (event.isComposing || event.keyCode === 229 || event.repeat) return;
    const m = event.target.closest && event.target.closest("details.menu[open]");
    if (!m || !inMenu(event, m)) return;
    event.preventDefault();
    event.stopPropagation();
  }, true);

  document.addEventListener("click", event => {
    for (const open of document.querySelectorAll(".queue-bar details[open]")) {
      if (!open.contains(event.target)) open.open = false;
    }
  });

  document.addEventListener("DOMContentLoaded", () => {
    if (typeof keys === "object") keys.add("F7", "key.aside", openMenu);
    else document.addEventListener("keydown", event => {
      if (event.key === "F7" && openMenu() !== false) event.preventDefault();
    });
    document.addEventListener("review:open", opened);
    document.body.addEventListener("queue:leave", leave);
    document.body.addEventListener("queue:trashed", trashed);
    document.addEventListener("visibilitychange", claim);
    addEventListener("pageshow", claim);
    setInterval(claim, renewal);
  });
  addEventListener("pagehide", () => {
    if (page) outbox.asPerson(`/pages/${page}/claim/release`, {method: "POST", body: new URLSearchParams({left: "true"}), keepalive: true}, false).catch(() => {});
    page = "";
  });
}
