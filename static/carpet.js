// The carpet: what was read as the same on many pages, side by side. The odd ones
// out are picked and mended; Enter confirms the rest and goes on. The next screen
// is there before it is asked for.
"use strict";

// verdictOf returns what is said of a tile that was read as read: null for
// nothing, or open where what was said of it before, or undefined, is not to
// count any more.
function verdictOf({read, mark, odd, typed, empty, before}) {
  let text = read;
  if (mark) text = odd ? (read === "1" ? "0" : "1") : read;
  else if (empty) text = "";
  else if (typed !== "") text = typed;
  else if (odd) return before === undefined ? null : {open: true};
  return text === before ? null : {text};
}

if (typeof document !== "undefined") addEventListener("DOMContentLoaded", () => {
  const carpet = document.getElementById("carpet"), waiting = document.getElementById("waiting");
  const line = document.getElementById("said"), words = carpet.dataset;
  const seenFor = 400; // ms that a screen is shown before it can be confirmed: nobody has seen it sooner
  const most = 20; // screens that can be taken back
  const past = []; // screens that were confirmed, the last one last
  let shownAt = 0, busy = false;

  const screen = () => carpet.firstElementChild;
  const tilesOf = element => [...element.querySelectorAll(".tile")];
  const control = tile => tile.querySelector("input, button");
  const tell = text => { line.textContent = text; };

  // fetchScreen asks for a screen, and has its pictures loaded.
  async function fetchScreen(of) {
    const body = new URLSearchParams({template: words.template, lang: words.lang, ...of});
    const response = await outbox.asPerson("/carpet/screen", {method: "POST", body, headers: {"HX-Request": "true"}});
    if (!response.ok) throw new Error(String(response.status));
    const box = document.createElement("div");
    box.innerHTML = await response.text();
    waiting.append(box);
    return box.firstElementChild;
  }

  // following returns the screen after one, as a promise.
  function following(element) {
    if (!element.following) {
      const {sort, text, after} = element.dataset;
      element.following = Promise.resolve(element.sent).then(() => fetchScreen({sort, text, after}));
      element.following.catch(() => { element.following = null; });
    }
    return element.following;
  }

  // What was typed and picked and not confirmed is kept in the browser, by what it is
  // of, and is on its tile again where the screen was left, or the browser closed.
  const nameOf = ({page, run, field, place}) => [page, run, field, place].join(" ");

  function keep(tile) {
    const {odd, typed, empty} = stateOf(tile), all = {...outbox.left("carpet")};
    delete all[nameOf(tile.dataset)];
    if (odd && tile.dataset.said === undefined) all[nameOf(tile.dataset)] = {typed, empty};
    outbox.leave("carpet", all);
  }

  function restore(tile) {
    const before = outbox.left("carpet")[nameOf(tile.dataset)];
    if (!before || tile.dataset.said !== undefined || tile.matches(".odd, .missed")) return;
    turn(tile, true);
    if (control(tile).matches("button")) return;
    tile.classList.toggle("empty", before.empty);
    control(tile).value = before.typed;
    describe(tile);
  }

  // settled forgets what was kept of a screen that is confirmed.
  function settled(element) {
    const all = {...outbox.left("carpet")};
    for (const tile of tilesOf(element)) delete all[nameOf(tile.dataset)];
    outbox.leave("carpet", all);
  }

  function show(element) {
    carpet.replaceChildren(element);
    tilesOf(element).forEach(restore);
    waiting.replaceChildren();
    shownAt = performance.now();
    for (const button of element.querySelectorAll("[data-do=undo]")) button.disabled = past.length === 0;
    const first = element.last || tilesOf(element)[0];
    if (first) control(first).focus();
    else (element.querySelector(".lot button:enabled, .lot a") || document.body).focus();
    if (element.dataset.after) following(element).catch(() => {});
  }

  // go shows what a promise brings, and says so where it brings nothing.
  async function go(promise) {
    busy = true;
    try {
      show(await promise);
    } catch {
      tell(words.failed);
    }
    busy = false;
  }

  function stateOf(tile) {
    const input = control(tile);
    return {
      read: tile.dataset.read,
      mark: input.matches("button"),
      odd: tile.classList.contains("odd"),
      typed: input.matches("button") ? "" : input.value.trim(),
      empty: tile.classList.contains("empty"),
      before: tile.dataset.said,
    };
  }

  function confirm() {
    if (busy || performance.now() - shownAt < seenFor || !tilesOf(screen()).length) return;
    const element = screen(), told = [];
    if (element.querySelector(".veiled") && !element.classList.contains("revealed")) {
      reveal(element);
      return;
    }
    for (const tile of tilesOf(element)) {
      const verdict = tile.classList.contains("missed") ? null : verdictOf(stateOf(tile));
      if (verdict) told.push({tile, verdict, again: tile.dataset.said !== undefined});
    }
    element.sent = send(element, told);
    past.push(element);
    if (past.length > most) past.shift();
    go(following(element).then(next => { lessen(next, told); return next; }));
  }

  // reveal shows all that is masked on a screen, which nobody can confirm unseen.
  // The server is told before it is shown.
  async function reveal(element) {
    busy = true;
    const pages = new Set(tilesOf(element).filter(tile => tile.matches(".veiled")).map(tile => tile.dataset.page));
    const body = new URLSearchParams([...pages].map(page => ["page", page]));
    const answer = await outbox.asPerson("/pages/reveal", {method: "POST", body}).catch(() => null);
    if (answer && answer.ok) element.classList.add("revealed");
    else tell(words.failed);
    shownAt = performance.now();
    busy = false;
  }

  // send tells the server, and has what did not get there on the screen again.
  async function send(element, told) {
    if (!told.length) return settled(element);
    try {
      const answers = await outbox.deliver("/carpet/say", "carpet", told.map(({tile, verdict, again}) => ({
        page: Number(tile.dataset.page), run: Number(tile.dataset.run), field: tile.dataset.field, place: Number(tile.dataset.place),
        after: Number(tile.dataset.after || 0), again, ...verdict,
      })));
      let missed = 0;
      answers.forEach((answer, i) => {
        const {tile, verdict} = told[i];
        if (answer.missed) {
          tile.classList.add("missed");
          missed++;
          return;
        }
        delete tile.dataset.said;
        delete tile.dataset.after;
        if (verdict.open) return;
        tile.dataset.said = verdict.text;
        if (answer.after) tile.dataset.after = answer.after;
      });
      settled(element);
      tellBroken(told, answers);
      tell(words.saved.replace("#", answers.length - missed) + (missed ? " " + words.missed.replace("#", missed) : ""));
    } catch {
      past.splice(past.indexOf(element), 1);
      element.following = Promise.resolve(screen());
      show(element);
      tell(words.failed);
    }
  }

  // tellBroken says on which pages something breaks a rule now, which is to be mended or
  // kept there, and leads to them.
  function tellBroken(told, answers) {
    const list = document.getElementById("broken");
    for (const {tile} of told) for (const old of list.querySelectorAll(`[data-page="${tile.dataset.page}"]`)) old.remove();
    answers.forEach((answer, i) => {
      if (!answer.broken) return;
      const {page} = told[i].tile.dataset, line = document.createElement("p");
      line.dataset.page = page;
      line.append(Object.assign(document.createElement("a"), {href: "/pages/" + page, target: "_blank", rel: "noopener", textContent: answer.broken.join(" · ")}));
      list.append(line);
    });
  }

  // lessen takes what was said from the counts of a screen that was fetched before.
  function lessen(element, told) {
    for (const {tile, again} of told) {
      if (again) continue;
      const sort = tile.closest(".tiles").classList[1];
      const keyed = sort === "character" || sort === "mark";
      for (const button of element.querySelectorAll(".alike button")) {
        if (button.dataset.sort === sort && (!keyed || button.dataset.text === tile.dataset.read)) {
          const count = button.querySelector("span");
          count.textContent = Math.max(0, Number(count.textContent) - 1);
        }
      }
    }
  }

  function undo() {
    const element = past.at(-1);
    if (busy || !element) return;
    const now = screen();
    go(Promise.resolve(element.sent).then(() => {
      if (past.at(-1) === element) past.pop();
      element.following = Promise.resolve(now);
      tell(words.undone);
      return element;
    }));
  }

  function skip() {
    if (!busy && screen().dataset.after) go(following(screen()));
  }

  // pick has a tile be an odd one out, or not.
  function pick(tile, odd) {
    turn(tile, odd);
    keep(tile);
  }

  function turn(tile, odd) {
    const input = control(tile);
    tile.classList.toggle("odd", odd);
    tile.classList.remove("empty");
    if (input.matches("button")) {
      input.setAttribute("aria-pressed", String(odd));
      input.textContent = (tile.dataset.read === "1") !== odd ? "☑" : "☐";
      return;
    }
    if (!odd) input.value = "";
    describe(tile);
  }

  function describe(tile) {
    const input = control(tile), odd = tile.classList.contains("odd");
    input.placeholder = tile.classList.contains("empty") ? "∅" : odd && !input.value ? "?" : tile.dataset.read;
    if (odd) input.setAttribute("aria-description", words.odd);
    else input.removeAttribute("aria-description");
  }

  // typed takes what was typed into a tile.
  function typed(tile) {
    const input = control(tile);
    if (input.value !== "" && input.value.trim() === "") { // of a Space that picks
      input.value = "";
      return;
    }
    if ("one" in input.dataset && input.value) input.value = [...input.value].at(-1).trim();
    if (input.value === tile.dataset.read) input.value = "";
    tile.classList.toggle("odd", input.value !== "");
    tile.classList.remove("empty");
    input.dataset.fresh = "one" in input.dataset || input.value === "" ? "" : "yes";
    describe(tile);
    keep(tile);
  }

  // move goes to the tile beside, or above or below the one in hand.
  function move(tile, key) {
    const all = tilesOf(screen()), at = all.indexOf(tile);
    let to = {ArrowLeft: all[at - 1], ArrowRight: all[at + 1], Home: all[0], End: all.at(-1)}[key];
    if (key === "ArrowUp" || key === "ArrowDown") {
      const down = key === "ArrowDown", from = tile.getBoundingClientRect();
      const rows = all.map(t => ({t, box: t.getBoundingClientRect()})).filter(({box}) => down ? box.top > from.top + 4 : box.top < from.top - 4);
      const near = down ? Math.min(...rows.map(r => r.box.top)) : Math.max(...rows.map(r => r.box.top));
      to = rows.filter(r => Math.abs(r.box.top - near) < 4).sort((a, b) => Math.abs(a.box.left - from.left) - Math.abs(b.box.left - from.left))[0]?.t;
    }
    if (to) control(to).focus();
  }

  // free reports whether an arrow leaves a tile and does not move within its text.
  function free(input, key) {
    if (!["ArrowLeft", "ArrowRight", "Home", "End"].includes(key) || input.matches("button") || "one" in input.dataset || input.value === "") return true;
    return input.selectionStart === input.selectionEnd && (key === "ArrowLeft" ? input.selectionStart === 0 : key === "ArrowRight" && input.selectionEnd === input.value.length);
  }

  function group(step) {
    const all = [...screen().querySelectorAll(".alike button")];
    const shown = all.map((b, i) => b.hasAttribute("aria-current") ? i : -1).filter(i => i >= 0);
    const to = all[step > 0 ? (shown.at(-1) ?? -1) + 1 : (shown[0] ?? 0) - 1];
    if (to) to.click();
  }

  addEventListener("keydown", event => {
    if (composing(event)) return;
    const tile = event.target.closest(".tile"), input = tile && control(tile);
    const take = act => { event.preventDefault(); act(); };
    if (event.ctrlKey && event.key.toLowerCase() === "z" && !event.shiftKey && !event.altKey) {
      if (!input || input.matches("button") || input.value === "" || "one" in input.dataset) take(() => event.repeat || undo());
      return;
    }
    if (event.altKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) return take(() => event.repeat || group(event.key === "ArrowDown" ? 1 : -1));
    if (event.key === "F8") return take(() => event.repeat || skip());
    if (!tile || event.ctrlKey || event.altKey || event.metaKey) return;
    switch (event.key) {
    case "Enter":
      take(() => {
        if (event.repeat) return;
        if (input.dataset.fresh === "yes") {
          input.dataset.fresh = "";
          move(tile, "ArrowRight");
        } else {
          confirm();
        }
      });
      break;
    case "ArrowLeft": case "ArrowRight": case "ArrowUp": case "ArrowDown": case "Home": case "End":
      if (!event.shiftKey && free(input, event.key)) take(() => move(tile, event.key));
      break;
    case " ":
      if (!input.matches("button") && (input.value === "" || "one" in input.dataset)) take(() => event.repeat || pick(tile, !tile.classList.contains("odd")));
      break;
    case "Escape":
      take(() => pick(tile, false));
      break;
    case "Delete":
      if (input.matches("input") && input.value === "" && tile.dataset.read !== "") take(() => {
        tile.classList.add("odd", "empty");
        describe(tile);
        keep(tile);
      });
      break;
    case "F2":
      take(() => event.repeat || window.open("/pages/" + tile.dataset.page, "_blank", "noopener"));
      break;
    }
  });

  carpet.addEventListener("input", event => {
    const tile = event.target.closest(".tile");
    if (tile && !event.isComposing) typed(tile);
  });
  carpet.addEventListener("compositionend", event => {
    const tile = event.target.closest(".tile");
    if (tile) typed(tile);
  });
  carpet.addEventListener("focusin", event => {
    const tile = event.target.closest(".tile");
    if (!tile) return;
    screen().last = tile;
    tile.scrollIntoView({block: "nearest"});
  });
  carpet.addEventListener("click", event => {
    const act = event.target.closest("[data-do]"), other = event.target.closest(".alike button"), tile = event.target.closest(".tile");
    if (act) ({confirm, skip, undo})[act.dataset.do]();
    else if (other && !busy) go(fetchScreen({sort: other.dataset.sort, text: other.dataset.text}));
    else if (tile && !event.target.matches("input")) {
      pick(tile, !tile.classList.contains("odd"));
      control(tile).focus();
    }
  });
  for (const select of document.querySelectorAll("#choice select")) {
    select.addEventListener("change", () => select.form.submit());
  }

  setTimeout(() => show(screen())); // the outbox has begun by then
});

if (typeof module !== "undefined") module.exports = {verdictOf};
