// What a person typed or said is kept in the browser until the server has it: a
// server that is killed, a line that is cut, a lid that is closed lose nothing.
// The forms of a page that hold personal data are on computers that many use, so
// it lies there only locked, by a key of the person that comes with a page and is
// nowhere else in the browser; it goes once it is sent, and when the person logs
// out. What is older than a week nobody comes back for: it goes, too.
"use strict";

// makeStore keeps items, each under a key of its own so that tabs do not overwrite
// each other. Storage is one of makeStorage; seal locks a text, and open returns it or
// null.
function makeStore(storage, user, seal, open) {
  const prefix = "seosik.outbox.", mine = prefix + user + ".", week = 7 * 24 * 3600e3;
  const keysOf = () => storage.keys().filter(k => k.startsWith(prefix));
  const timeOf = key => parseInt(key.split(".")[3], 36) || 0;

  // put keeps an item, in the place of the one with its id.
  function put(item) {
    if (!item.key) item.key = `${mine}${item.at.toString(36)}.${item.id}`;
    storage.setItem(item.key, seal(JSON.stringify(item)));
  }

  function drop(item) {
    storage.removeItem(item.key);
  }

  // load returns the items of the person, the oldest first, and throws away what
  // nobody can open or is too old.
  function load(now) {
    const items = [];
    for (const key of keysOf()) {
      if (now - timeOf(key) > week) storage.removeItem(key);
      else if (key.startsWith(mine)) {
        const text = open(storage.getItem(key) || "");
        if (text === null) storage.removeItem(key);
        else items.push(JSON.parse(text));
      }
    }
    return items.sort((a, b) => a.at - b.at);
  }

  function clear() {
    for (const key of keysOf()) if (key.startsWith(mine)) storage.removeItem(key);
  }

  return {put, drop, load, clear};
}

// makeLock returns how texts are locked by a key of 32 bytes.
function makeLock(nacl, key) {
  const toText = bytes => btoa(Array.from(bytes, b => String.fromCharCode(b)).join(""));
  const toBytes = text => Uint8Array.from(atob(text), c => c.charCodeAt(0));
  const secret = toBytes(key);
  return {
    seal(text) {
      const nonce = nacl.randomBytes(24);
      return toText(nonce) + "." + toText(nacl.secretbox(new TextEncoder().encode(text), nonce, secret));
    },
    open(sealed) {
      try {
        const [nonce, box] = sealed.split(".").map(toBytes);
        const text = nacl.secretbox.open(box, nonce, secret);
        return text && new TextDecoder().decode(text);
      } catch {
        return null;
      }
    },
  };
}

// waitAfter is how long to wait after so many tries without an answer, in ms.
const waitAfter = tries => Math.min(500 * 2 ** Math.min(tries, 6), 20000);

// outcomeOf says what an answer means for what was sent: "kept", "clash" (somebody
// else was faster), "login", "again" or "refused". Kept is what it says of that: one
// that leads elsewhere, or comes from what stands in between, says nothing.
function outcomeOf(status, kept) {
  if (status === 401) return "login";
  if (status === 0 || status === 429 || status >= 500) return "again";
  if (status === 422) return "clash";
  if (status >= 400) return "refused";
  return kept === "true" ? "kept" : "again";
}

const outcomeOfXHR = xhr => outcomeOf(xhr.status, xhr.getResponseHeader("X-Kept"));

// sawNow returns body, which says something of fields, after the newest correction of
// one of them that its sender had seen became another one: the sender's own.
function sawNow(body, field, before, id) {
  const params = new URLSearchParams(body), fields = params.getAll("field"), seen = params.getAll("seen");
  const now = seen.map((s, i) => fields[i] === field && s === before ? id : s);
  if (now.every((s, i) => s === seen[i])) return body;
  params.delete("seen");
  for (const s of now) params.append("seen", s);
  return String(params);
}

// without returns body, which says something of fields, as it is without one of them;
// empty where that leaves none.
function without(body, field) {
  const params = new URLSearchParams(body), stays = params.getAll("field").map(f => f !== field);
  if (!stays.includes(false)) return body;
  if (!stays.includes(true)) return "";
  for (const name of ["field", "seen", "text"]) {
    const left = params.getAll(name).filter((_, i) => stays[i]);
    params.delete(name);
    for (const value of left) params.append(name, value);
  }
  return String(params);
}

// Undo and redo of what was said, over pages. An entry is {page, field, id, before, act}:
// the correction, and what counted before it, 0 for nothing; act is the same for what
// was said in one go, and is undone in one. It holds no contents.
function makePast(storage, user) {
  const place = "seosik.said." + user, most = 1000;
  let {done, undone} = JSON.parse(storage.getItem(place)) || {done: [], undone: []};
  const save = () => storage.setItem(place, JSON.stringify({done, undone}));
  return {
    said(...entries) {
      const anew = new Set(entries.map(e => e.id));
      done = [...done.filter(e => !anew.has(e.id)), ...entries].sort((a, b) => a.id - b.id).slice(-most);
      undone = [];
      save();
    },
    last: redo => (redo ? undone : done).at(-1),
    // within reports whether the last entry is of the same act as one before.
    within(redo, entry) {
      const last = this.last(redo);
      return Boolean(last && entry.act) && last.act === entry.act;
    },
    // moved notes that the last entry was said as it was before, by correction id.
    moved(redo, id) {
      const entry = (redo ? undone : done).pop();
      (redo ? done : undone).push({...entry, id, before: entry.id});
      save();
    },
    forget(redo) {
      (redo ? undone : done).pop();
      save();
    },
  };
}

// What other scripts have of it: outbox.post(path, page, body, fields) keeps what a
// person said and sends it until the server has answered, and promises {outcome, text};
// outbox.deliver(path, page, said) does so with JSON, promises what came of it, and fails where that is refused;
// outbox.keepTyped(page, field, body) keeps what is in a field and not accepted;
// outbox.leave(id, of) keeps, in the browser alone, what somebody is in the middle of, and outbox.left(id) has it.
// outbox.drawMany(text, outcome) draws that. What a field shows of what was said is its
// data-sent meanwhile.
const outbox = typeof document === "object" && (() => {
  let element, store, past;
  const items = []; // still to be sent, the oldest first
  const under = new Map(); // htmx's requests that carry an item
  let inHand = null; // the item that pump has sent and has no answer to
  let tries = 0, timer = 0, asking = false, notice = "", savedAt = 0;

  const about = /^\/(?:pages\/(\d+)\/(?:corrections|margin\/\d+)|second\/(\d+))$/; // a value of a page, or what is beside them
  const on = (type, act, capture) => document.addEventListener(type, act, capture);
  const pageOf = form => {
    const found = about.exec(form.getAttribute("action") || "");
    return found && (found[1] || found[2]);
  };
  const fieldOf = form => form.elements.field ? form.elements.field.value : form.getAttribute("action");
  const person = () => document.getElementById("outbox").dataset.user;
  const rows = "form.value, form.keyed, form.margin-row";
  const input = form => form.querySelector("[name=text], [name=checked]");
  const changed = form => {
    const field = input(form);
    return field && (field.type === "checkbox" ? String(field.checked) : field.value) !== field.dataset.initial;
  };
  const shown = item => [...document.querySelectorAll(rows)].find(f => pageOf(f) === item.page && fieldOf(f) === item.field);

  // ---- What is to be sent. ----

  function add(item) {
    const old = items.findIndex(i => i.id === item.id);
    if (old >= 0) drop(items[old]);
    items.push(item);
    store.put(item);
    tell();
  }

  function drop(item) {
    const at = items.indexOf(item);
    if (at >= 0) items.splice(at, 1);
    store.drop(item);
    tell();
  }

  const typedIn = (page, field) => `typed.${page}.${field}`;

  // said notes that something is said now of fields of a page: what was typed into
  // them, and what waits to say something else of them, is not sent any more.
  function said(page, fields) {
    for (const field of fields) {
      const old = items.find(i => i.id === typedIn(page, field));
      if (old) drop(old);
    }
    for (const old of items.filter(i => i.page === page && i.id.startsWith("said."))) {
      const anew = fields.filter(field => without(old.body, field) !== old.body);
      if (anew.length === 0) continue;
      old.anew = [...(old.anew || []), ...anew];
      if (old === inHand || old.held || old.tried) store.put(old); // it may have arrived
      else shorten(old);
    }
  }

  // rest returns the body of an item without what was said anew since.
  const rest = item => (item.anew || []).reduce(without, item.body);

  // shorten has an item that waits not say what was said anew since.
  function shorten(item) {
    item.body = rest(item);
    if (item.body) {
      store.put(item);
      return;
    }
    drop(item);
    if (item.answer) item.answer({outcome: "kept", text: ""});
  }

  // post keeps what was said of fields of a page otherwise than by a form, and
  // promises {outcome, text} once the server has answered, however long that takes.
  function post(path, page, body, fields) {
    said(page, fields);
    return keep({page, path, body: String(body)}, fields[0]);
  }

  // deliver does so with JSON, which says something of one field where that is named.
  async function deliver(path, page, of, field) {
    if (field) said(page, [field]);
    const {outcome, text} = await keep({page, path, body: JSON.stringify(of), type: "application/json"}, path);
    if (outcome === "refused") throw new Error("refused");
    return JSON.parse(text);
  }

  let kept = 0;
  function keep(item, of) {
    const at = Date.now();
    return new Promise(answer => {
      add({...item, id: `said.${item.page}.${of}.${at}.${kept++}`, field: "", at, answer});
      later(0);
    });
  }

  // typed keeps what is in the field of a row, as it is now.
  function typed(form) {
    const page = pageOf(form), body = new URLSearchParams([...new FormData(form)]);
    body.delete("mark");
    body.delete("override");
    keepTyped(page, fieldOf(form), body);
  }

  function keepTyped(page, field, body) {
    add({id: typedIn(page, field), page, field, path: `/pages/${page}/typed`, body: String(body), at: Date.now()});
    later(150);
  }

  // ---- What is kept here alone. ----

  const middle = new Map(); // items by id

  // leave keeps of, a plain object, in the place of what it was.
  function leave(id, of) {
    const item = middle.get(id) || {id, at: Date.now()};
    middle.set(id, Object.assign(item, {left: of}));
    if (Object.keys(of).length > 0) store.put(item);
    else store.drop(item);
  }

  // found takes what the store has of it, also from a tab that is gone.
  function found(item) {
    const before = middle.get(item.id);
    if (before) store.drop(before);
    middle.set(item.id, {...item, left: {...(before && before.left), ...item.left}});
  }

  const left = id => middle.has(id) ? middle.get(id).left : {};

  function later(ms) {
    if (timer && ms >= 150 && tries === 0) return; // each key press is sent soon, also while others follow
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = 0;
      pump();
    }, ms);
  }

  // next returns what is to be sent. What was typed into a row that htmx sends waits:
  // it will have seen what is said there.
  function next() {
    const held = items.filter(i => i.held);
    return items.find(i => !i.held && !held.some(h => h.page === i.page && h.field === i.field));
  }

  async function pump() {
    const item = next();
    if (inHand || asking || !item) return;
    inHand = item;
    const {outcome, text, to} = await send(item);
    inHand = null;
    settle(item, outcome, text);
    if (next() && !asking) later(tries > 0 ? waitAfter(tries) : 0);
    tell();
    if (to && !location.pathname.startsWith(to)) location.assign(to); // what is left is sent from there
  }

  // send sends an item. To is where the answer leads, if it does.
  async function send(item, keepalive = false) {
    try {
      const answer = await fetch(item.path, {
        method: "POST", keepalive, body: item.body,
        headers: {"Content-Type": item.type || "application/x-www-form-urlencoded", "HX-Request": "true", "X-Person": element.dataset.user},
      });
      const text = await answer.text();
      note(item, answer.headers.get("X-Said"));
      return {outcome: outcomeOf(answer.status, answer.headers.get("X-Kept")), text, to: answer.headers.get("HX-Redirect") || ""};
    } catch {
      return {outcome: "again", text: "", to: ""};
    }
  }

  function settle(item, outcome, text) {
    if (outcome === "again" || outcome === "login") {
      item.held = false;
      item.tried = true;
      store.put(item);
      tries++;
      if (outcome === "login") ask();
      return;
    }
    tries = 0;
    if (outcome === "clash" && item.anew) { // with what was said anew, and has arrived
      shorten(item);
      return;
    }
    drop(item);
    savedAt = Date.now();
    if (outcome === "refused") notice = element.dataset.refused;
    if (item.answer) item.answer({outcome, text});
    else if (item.id.startsWith("typed.")) judge(item, text);
    else if (rest(item)) answered(item, outcome, text); // unless it is all said anew
  }

  // answered draws what was said, where it is on the screen still: a row, or, of a
  // page that was loaded anew since, many.
  function answered(item, outcome, html) {
    const form = shown(item), swapped = outcome !== "refused" && html;
    if (form && swapped) changed(form) && leftAlone(form, item, html, outcome) || htmx.swap(form, html, {swapStyle: "outerHTML"});
    else if (outcome === "clash") clash(item.page);
    else if (item.page === "carpet" && outcome === "kept") missed(item, html);
    else if (!item.field && !item.type && swapped && document.querySelector(`.reviewing[data-page="${item.page}"]`)) drawMany(html, outcome);
    if (form) document.dispatchEvent(new CustomEvent("outbox:answered", {detail: {id: form.id, outcome}}));
  }

  // learn has a row know that what was said of it is kept, as fresh has it.
  function learn(form, fresh) {
    input(form).dataset.initial = input(fresh).dataset.initial;
    form.elements.seen.value = fresh.elements.seen.value;
  }

  // leftAlone reports whether somebody has typed into a row since item was said of it.
  // Then all is drawn that answers item but the row, and what is typed is kept anew.
  function leftAlone(form, item, html, outcome) {
    const field = form.matches("form.value") && input(form), said = new URLSearchParams(item.body);
    if (!field || (field.type === "checkbox" ? field.checked === (said.get("checked") === "true") : field.value === said.get("text"))) return false;
    if (outcome !== "kept") return true; // what is typed will clash, too
    const answer = document.createElement("template");
    answer.innerHTML = html;
    learn(form, answer.content.querySelector("form.value"));
    htmx.swap(document.body, html, {swapStyle: "none"});
    field.dispatchEvent(new InputEvent("input", {bubbles: true}));
    return true;
  }

  // drawMany draws rows that were said together as the server has them now. One into
  // which somebody has typed since is left alone; it learns only that it is kept.
  function drawMany(html, outcome) {
    const leave = event => {
      const {target, fragment} = event.detail, field = target.matches("form.value") && input(target);
      if (!field || field.value === ("sent" in field.dataset ? field.dataset.sent : field.dataset.initial)) return;
      event.detail.shouldSwap = false;
      if (outcome === "kept") learn(target, fragment.querySelector("form"));
    };
    on("htmx:oobBeforeSwap", leave);
    htmx.swap(document.body, html, {swapStyle: "none"});
    document.removeEventListener("htmx:oobBeforeSwap", leave);
  }

  // missed says it of tiles that were confirmed on a screen that is gone by now.
  function missed(item, text) {
    const said = JSON.parse(item.body), first = JSON.parse(text).findIndex(answer => answer.missed);
    if (first >= 0) clash(said[first].page);
  }

  function clash(page) {
    notice = "";
    const link = Object.assign(document.createElement("a"), {href: `/pages/${page}`, textContent: element.dataset.clash});
    element.replaceChildren(link);
    element.dataset.state = "clash";
  }

  // note keeps what undoes item, which came to the corrections with these ids, one for
  // each of its fields. What was said of them later has seen those.
  function note(item, ids) {
    if (!ids || !item.id.startsWith("said.")) return;
    const body = new URLSearchParams(item.body), fields = body.getAll("field"), seen = body.getAll("seen");
    const all = ids.split(","), act = Number(all[0]);
    const said = item.field ? [{page: item.page, field: item.field, id: act, before: Number(seen[0]), act}]
      : all.map((id, i) => ({page: item.page, field: fields[i], id: Number(id), before: Number(seen[i]), act}));
    past.said(...said.filter(e => e.id !== e.before)); // what is the same is said by who said it first
    all.forEach((id, i) => {
      for (const other of items.slice(items.indexOf(item) + 1)) {
        if (other.page !== item.page) continue;
        const now = sawNow(other.body, fields[i], seen[i], id);
        if (now !== other.body) store.put(Object.assign(other, {body: now}));
      }
    });
  }

  // ---- Rules while somebody types. ----

  function judge(item, text) {
    let rows;
    try {
      rows = JSON.parse(text).rows;
    } catch {
      return;
    }
    for (const form of document.querySelectorAll("form.value")) {
      const live = form.querySelector(".live");
      if (!live || pageOf(form) !== item.page) continue;
      const said = rows[fieldOf(form)];
      const words = said && (changed(form) || fieldOf(form) !== item.field) ? said.join(" · ") : "";
      if (live.textContent !== words) live.textContent = words;
      form.classList.toggle("judged", Boolean(said) && changed(form));
    }
  }

  // ---- Sessions that end. ----

  function ask() {
    const dialog = document.getElementById("relogin");
    if (asking) return;
    asking = true;
    const before = document.activeElement, title = document.title;
    document.documentElement.toggleAttribute("data-covered", true);
    document.title = dialog.querySelector("h2").textContent;
    dialog.showModal();
    const form = dialog.querySelector("form"), wrong = dialog.querySelector(".wrong");
    dialog.oncancel = event => event.preventDefault();
    dialog.onclose = () => {
      if (asking) return dialog.showModal(); // browsers let Escape close it the second time
      document.documentElement.toggleAttribute("data-covered", false);
      document.title = title;
      wrong.textContent = "";
      if (before && before.isConnected) before.focus({preventScroll: true});
      pump();
    };
    if (!form.elements.password) { // the person logs in elsewhere, in another tab
      form.onsubmit = event => {
        event.preventDefault();
        wrong.textContent = wrong.dataset.wrong;
        dispatchEvent(new Event("outbox:again"));
      };
      return;
    }
    // step has the form ask for the password, or then for a code.
    const step = ofCode => {
      const {password, code} = form.elements;
      code.parentElement.hidden = code.disabled = !ofCode;
      code.required = ofCode;
      password.disabled = ofCode;
      (ofCode ? code : password).focus();
    };
    step(false);
    form.onsubmit = async event => {
      event.preventDefault();
      const {password, code} = form.elements, ofCode = !code.disabled;
      const {status, to} = await enter(ofCode ? "/login/code" : "/login", new URLSearchParams([...new FormData(form)]));
      password.value = code.value = "";
      const words = {204: "", 422: wrong.dataset[ofCode ? "code" : "wrong"], 429: wrong.dataset.wait};
      wrong.textContent = words[status] ?? wrong.dataset.offline;
      if (status !== 204) return;
      if (to.startsWith("/login")) return step(to.startsWith("/login/code"));
      goOn();
      dispatchEvent(new Event("outbox:loggedin"));
    };
  }

  // goOn uncovers the page where somebody has logged in again.
  function goOn() {
    asking = false;
    tries = 0;
    document.getElementById("relogin").close();
  }

  // mute keeps the keys of the page from what is typed where it is covered.
  function mute(event) {
    if (asking) event.stopImmediatePropagation();
  }

  // asPerson is fetch, for the person of the page: where that one is not logged in any
  // more, the answer is 401, and the page asks for the password, unless it is told not
  // to: what goes by itself does not come between a person and the keys.
  async function asPerson(path, options = {}, asks = true) {
    const answer = await fetch(path, {...options, headers: {...options.headers, "X-Person": person()}});
    if (asks && outcomeOf(answer.status) === "login") ask();
    return answer;
  }

  // enter sends what somebody logs in with. It answers where to go then.
  async function enter(path, body) {
    try {
      const answer = await fetch(path, {method: "POST", body, headers: {"HX-Request": "true"}});
      return {status: answer.status, to: answer.headers.get("HX-Redirect") || ""};
    } catch {
      return {status: 0, to: ""};
    }
  }

  async function logOut(event) {
    const form = event.target;
    if (form.getAttribute("action") !== "/logout") return;
    event.preventDefault();
    for (const end = Date.now() + 2000; items.length > 0 && Date.now() < end && tries === 0;) {
      await pump();
      await new Promise(done => setTimeout(done, 50));
    }
    if (items.length > 0 && !confirm(element.dataset.lose.replace("{n}", items.length))) return;
    store.clear();
    storage.tab.clear();
    form.submit();
  }

  // ---- What is shown. ----

  function tell() {
    const n = items.length;
    let state = "";
    if (tries > 0 && n > 0) state = "offline";
    else if (notice) state = "refused";
    else if (n > 0) state = "saving";
    else if (!storage.local.lasts) state = "unkept";
    else if (Date.now() - savedAt < 2000) state = "saved";
    if (element.dataset.state === "clash" && !["offline", "refused"].includes(state)) return; // till somebody has followed it
    element.dataset.state = state;
    element.textContent = state === "refused" ? notice : state ? element.dataset[state].replace("{n}", n) : "";
    if (state === "saved") setTimeout(tell, 2100);
  }

  // ---- Marks, overrides, undo. ----

  let marked = ""; // what the next request says instead of a text

  function say(form, mark) {
    marked = mark;
    workstation.accept(form);
    marked = "";
  }

  async function back(redo) {
    while (items.some(i => i.id.startsWith("said."))) { // it is being said
      if (tries > 0 || asking) return;
      await new Promise(done => setTimeout(done, 30));
    }
    const entry = past.last(redo);
    if (!entry) return;
    const body = new URLSearchParams({field: entry.field, seen: entry.id, as: entry.before});
    const {outcome, text} = await send({id: "restore", path: `/pages/${entry.page}/corrections/restore`, body: String(body)});
    if (outcome === "login") ask();
    if (outcome === "refused") {
      past.forget(redo);
      notice = element.dataset.undone;
      tell();
    }
    if (outcome !== "kept") return;
    past.moved(redo, JSON.parse(text).said);
    if (past.within(redo, entry)) return back(redo);
    workstation.visit(`/pages/${entry.page}`, `field-${entry.field}`);
  }

  // connected waits, where the server does not answer, until it has all: the next
  // page is not there before.
  async function connected() {
    await null; // what has just been answered is looked at by then
    while ((tries > 0 || asking) && items.length > 0) await new Promise(done => setTimeout(done, 100));
  }

  // undoKey leaves the key to the browser where somebody is typing.
  function undoKey(event, redo) {
    const form = event.target.closest && event.target.closest("form.value");
    if (form && pageOf(form) && changed(form) && event.target === input(form)) return false;
    back(redo);
  }

  function addKeys() {
    if (!workstation.root.dataset.path) return; // values of a template that is tried out
    const field = {where: "field"};
    keys.add("F4", "key.illegible", (_, row) => say(row, "illegible"), field);
    keys.add("Shift+F4", "key.empty", (_, row) => say(row, "empty"), field);
    keys.add("F6", "key.not_applicable", (_, row) => say(row, "not_applicable"), field);
    keys.add("Ctrl+Z", "key.undo", event => undoKey(event, false));
    keys.add("Ctrl+Y Ctrl+Shift+Z", "key.redo", event => undoKey(event, true));
  }

  // ---- What htmx does. ----

  function configure(event) {
    const form = event.detail.elt;
    if (!form.matches("form.value") || !pageOf(form)) return;
    const {parameters} = event.detail;
    if (marked) parameters.mark = marked;
    else if (form.hasAttribute("data-ask") && !changed(form)) parameters.override = "true";
  }

  // requested keeps what htmx is about to send. Where something that was said of the
  // field before waits here, it waits behind that.
  function requested(event) {
    const form = event.detail.requestConfig.elt, page = form.matches(rows) && pageOf(form);
    if (!page) return;
    const field = fieldOf(form), at = Date.now(), body = new URLSearchParams([...event.detail.requestConfig.formData]);
    body.set("field", field); // also where the path says it
    said(page, [field]);
    const waits = items.some(i => i.page === page && i.field === field);
    const item = {
      id: `said.${page}.${field}.${at}`, page, field, path: form.getAttribute("action"), at, held: !waits, body: String(body),
    };
    add(item);
    if (!waits) {
      under.set(event.detail.xhr, item);
      return;
    }
    event.preventDefault();
    later(0);
    document.dispatchEvent(new CustomEvent("outbox:took", {detail: {form}}));
  }

  function gotAnswer(event) {
    const {xhr} = event.detail, item = under.get(xhr);
    if (!item) return;
    under.delete(xhr);
    const outcome = outcomeOfXHR(xhr);
    if (outcome === "kept") note(item, xhr.getResponseHeader("X-Said"));
    if (outcome === "again" || outcome === "login") {
      settle(item, outcome, "");
      later(waitAfter(tries));
    } else {
      tries = 0;
      drop(item);
      savedAt = Date.now();
      if (outcome === "refused") notice = element.dataset.refused;
      if (outcome === "clash" && !shown(item)) clash(item.page);
    }
    tell();
  }

  // beforeSwap leaves a row alone into which somebody has typed since it was sent.
  function beforeSwap(event) {
    const {xhr, target, serverResponse} = event.detail, item = under.get(xhr);
    if (item && event.detail.shouldSwap && leftAlone(target, item, serverResponse, outcomeOfXHR(xhr))) event.detail.shouldSwap = false;
  }

  // asks copies to a row what its part that is drawn anew says.
  function asks() {
    for (const part of document.querySelectorAll("form.value .ask")) part.closest("form.value").toggleAttribute("data-ask", part.hasAttribute("data-asks"));
  }

  function wire() {
    element = document.getElementById("outbox");
    if (!element) return;
    const lock = makeLock(nacl, element.dataset.key);
    store = makeStore(storage.local, element.dataset.user, lock.seal, lock.open);
    past = makePast(storage.tab, element.dataset.user);
    for (const item of store.load(Date.now())) item.left ? found(item) : items.push({...item, held: false, tried: true});
    items.filter(i => i.anew).forEach(shorten);
    on("submit", logOut);
    on("htmx:configRequest", event => { event.detail.headers["X-Person"] = element.dataset.user; });
    on("htmx:afterRequest", event => outcomeOf(event.detail.xhr.status) === "login" && ask());
    addEventListener("online", () => later(0));
    for (const type of ["keydown", "keyup", "keypress"]) addEventListener(type, mute, true);
    addEventListener("pagehide", () => items.filter(i => !i.held && rest(i)).slice(0, 20).forEach(i => send({...i, body: rest(i)}, true)));
    addEventListener("beforeunload", event => items.length > 0 && !storage.local.lasts && event.preventDefault());
    if (typeof workstation === "object" && document.querySelector(".reviewing")) review();
    else if (document.querySelector(".second")) keyed();
    else if (document.querySelector(".margins.listed")) requests();
    if (items.length > 0) pump();
    tell();
  }

  function requests() {
    on("htmx:configRequest", configure);
    on("htmx:beforeRequest", requested);
    on("htmx:beforeSwap", beforeSwap);
    on("htmx:afterRequest", gotAnswer);
  }

  // keyed keeps what is keyed from the picture.
  function keyed() {
    on("input", event => {
      const form = event.target.closest(rows);
      if (form && event.target === input(form)) typed(form);
    });
    requests();
  }

  function review() {
    on("review:typed", event => {
      const {row} = event.detail;
      if (!pageOf(row)) return;
      notice = "";
      const left = changed(row);
      row.toggleAttribute("data-left", left);
      row.toggleAttribute("data-open", left || row.hasAttribute("data-doubtful"));
      typed(row);
    });
    on("review:failed", event => { // what had no answer is sent again from here
      if (pageOf(event.detail.row) && ["again", "login"].includes(outcomeOf(event.detail.status))) event.preventDefault();
    });
    on("review:leave", event => event.detail.until(connected()));
    on("review:open", asks);
    requests();
    on("htmx:afterSwap", asks);
    on("htmx:oobAfterSwap", asks);
    on("click", event => {
      const button = event.target.closest(".kept button");
      if (!button || !pageOf(button.form)) return;
      event.preventDefault();
      event.stopPropagation();
      if (button.name === "mark") say(button.form, button.value);
      else workstation.accept(button.form);
    }, true);
    addKeys();
    asks();
  }

  addEventListener("DOMContentLoaded", wire);
  return {ask, asPerson, goOn, post, deliver, keepTyped, leave, left, drawMany, get asking() { return asking; }, get person() { return person(); }};
})();

if (typeof module === "object") module.exports = {makeStore, makeLock, makePast, outcomeOf, waitAfter, sawNow, without};
