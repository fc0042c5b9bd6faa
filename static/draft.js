// The draft of a template that several people edit at once: its document, what
// this person changed, undo and redo, and what the server is told and tells.
// There is no DOM here. A document is what a template.json says; boxes are
// [x, y, width, height] in template px.
"use strict";

(() => {
  // ---- Documents. The functions here change nothing that they are given. ----

  const clone = value => value === undefined ? undefined : JSON.parse(JSON.stringify(value));

  // empty reports whether value says no more than one that is not there.
  function empty(value) {
    return value === null || value === undefined || value === "" || value === false ||
      typeof value === "object" && Object.keys(value).length === 0;
  }

  // same compares what two values say.
  function same(a, b) {
    if (empty(a) || empty(b)) return empty(a) && empty(b);
    if (typeof a !== "object" || typeof b !== "object") return a === b;
    if (Array.isArray(a) !== Array.isArray(b)) return false;
    if (Array.isArray(a)) return a.length === b.length && a.every((v, i) => same(v, b[i]));
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].every(k => same(a[k], b[k]));
  }

  // uuid returns a random UUID. Sites without https have no crypto.randomUUID.
  function uuid() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    return [...bytes].map((b, i) => ([4, 6, 8, 10].includes(i) ? "-" : "") + b.toString(16).padStart(2, "0")).join("");
  }

  const round = v => Math.round(v * 100) / 100;
  const roundBox = box => box.map(round);

  // newField returns a field of a kind: "NORMAL", "MULTI_BOX" or "CHECKBOX".
  function newField(kind, box) {
    const field = {id: uuid(), name: "", type: kind, valueType: "ALL", box: roundBox(box)};
    if (kind === "MULTI_BOX") field.boxes = [roundBox(box)];
    return field;
  }

  // newTable returns a table of equal cells, header rows among its rows.
  function newTable(box, rows, columns, header = 0) {
    const [x, y, width, height] = box;
    const cut = (from, size, n, i) => from + size * i / n;
    return {
      id: uuid(), name: "", box: roundBox(box), header, rows: rows - header,
      columns: Array(columns).fill(""),
      cells: Array.from({length: rows}, (_, r) => Array.from({length: columns}, (_, c) => {
        const left = round(cut(x, width, columns, c)), top = round(cut(y, height, rows, r));
        return [left, top, round(cut(x, width, columns, c + 1) - left), round(cut(y, height, rows, r + 1) - top)];
      })),
      columnIds: Array.from({length: columns}, uuid),
      rowIds: Array.from({length: rows - header}, uuid),
    };
  }

  // ids returns the ids of the fields and tables of doc, in order.
  const ids = doc => [...doc.fields, ...doc.tables].map(e => e.id);

  // cellIds returns the ids of the cells of a table below its header, a list a row.
  const cellIds = table => table.rowIds.map(row => table.columnIds.map(column => row + "." + column));

  // rename gives a field, a table, or a column of a table another name in doc,
  // which it changes, and in the sums and combined fields that refer to it. It is
  // for use within change. Where several have the old name, references stay.
  function rename(doc, id, name, column) {
    const field = doc.fields.find(f => f.id === id), table = doc.tables.find(t => t.id === id);
    const owner = field || table;
    if (!owner) return;
    const old = column === undefined ? owner.name : table.columns[column];
    if (column === undefined) owner.name = name;
    else table.columns[column] = name;
    const alike = column === undefined ? (field ? doc.fields : doc.tables).map(e => e.name) : table.columns;
    if (old === "" || alike.includes(old)) return;
    const sums = (rules, own) => {
      if (!rules || !rules.sum) return;
      rules.sum = rules.sum.map(term => {
        if (field) return term === old ? name : term;
        if (column !== undefined) return term === table.name + "." + old ? table.name + "." + name : own && term === old ? name : term;
        return term.startsWith(old + ".") ? name + term.slice(old.length) : term;
      });
    };
    for (const f of doc.fields) sums(f.rules);
    for (const t of doc.tables) for (const rules of t.rules || []) sums(rules, t === table);
    for (const part of doc.combine.flatMap(c => c.parts)) {
      if (field && part.field === old) part.field = name;
      if (table && column === undefined && part.field && part.field.startsWith(old + "[")) part.field = name + part.field.slice(old.length);
    }
  }

  // without returns what object says, without the members that are empty, but
  // with those to keep.
  function without(object, keep) {
    return Object.fromEntries(Object.entries(object).filter(([k, v]) => keep.includes(k) || !empty(v)));
  }

  function tidyField(field) {
    const f = without(field, ["id", "name", "type", "box"]);
    f.valueType ||= "ALL";
    if (f.confidence === 0) delete f.confidence;
    if (f.rules) f.rules = without(f.rules, []);
    if (empty(f.rules)) delete f.rules;
    f.box = roundBox(f.box);
    for (const k of ["boxes", "ignore"]) if (f[k]) f[k] = f[k].map(roundBox);
    return f;
  }

  function tidyTable(table) {
    const t = without(table, ["id", "name", "box", "header", "rows", "columns", "cells"]);
    t.box = roundBox(t.box);
    t.cells = t.cells.map(row => row.map(roundBox));
    t.rows = t.cells.length - t.header;
    if (t.rules) t.rules = t.rules.map(rules => without(rules || {}, []));
    // One a column: a list that says nothing of any is not there.
    for (const [k, list] of Object.entries(t)) {
      if (!["columns", "columnIds", "rowIds", "cells", "box"].includes(k) && Array.isArray(list) && list.every(v => empty(v) || v === "ALL" || v === 0)) delete t[k];
    }
    return t;
  }

  // tidied returns doc as the server keeps it: boxes in hundredths of a pixel,
  // no member that says nothing, all lists there.
  function tidied(doc) {
    const d = {...doc};
    d.fields = (doc.fields || []).map(tidyField);
    d.tables = (doc.tables || []).map(tidyTable);
    d.groups = (doc.groups || []).map(g => without(g, ["name", "choose"]));
    d.combine = (doc.combine || []).map(c => ({...c, parts: (c.parts || []).map(p => without(p, []))}));
    delete d.title;
    if (doc.title) {
      const title = {...without(doc.title, []), box: roundBox(doc.title.box || [0, 0, 0, 0])};
      if (title.name || title.text || title.box.some(v => v !== 0)) d.title = title;
    }
    return d;
  }

  // ---- Changes, as the server takes them. ----

  const orders = {fields: "order", tables: "tableOrder"};
  const own = ["name", "lang", "title", "groups", "combine"]; // properties of the template itself

  const byID = list => new Map(list.map((e, i) => [e.id, {e, i}]));

  // differences returns the properties of a and b that differ, with what they are in each.
  function differences(a, b) {
    const before = {}, after = {};
    for (const k of new Set([...Object.keys(a), ...Object.keys(b)])) {
      if (same(a[k], b[k])) continue;
      before[k] = a[k] ?? null;
      after[k] = b[k] ?? null;
    }
    return Object.keys(before).length > 0 ? {before, after} : null;
  }

  // diff returns the changes that make doc of base. They are in such an order
  // that each can be made after those before it, and undone in the reverse.
  function diff(base, doc) {
    const changes = [], added = [];
    if (base === doc) return changes;
    for (const part of ["fields", "tables"]) {
      if (base[part] === doc[part]) continue;
      const then = byID(base[part]), now = byID(doc[part]);
      for (const {e, i} of [...then.values()].reverse()) {
        if (!now.has(e.id)) changes.push({part, id: e.id, before: e, after: null, index: i});
      }
      for (const {e, i} of now.values()) {
        const was = then.get(e.id);
        if (!was) added.push({part, id: e.id, before: null, after: e, index: i});
        else if (was.e !== e) {
          const d = differences(was.e, e);
          if (d) changes.push({part, id: e.id, ...d, index: i});
        }
      }
      const before = [...then.keys()].filter(id => now.has(id)), after = [...now.keys()].filter(id => then.has(id));
      if (!same(before, after)) {
        const k = orders[part];
        changes.push({part: "template", id: "", before: {[k]: before}, after: {[k]: after}, index: 0});
      }
    }
    for (const k of own) {
      if (same(base[k], doc[k])) continue;
      changes.push({part: "template", id: "", before: {[k]: base[k] ?? null}, after: {[k]: doc[k] ?? null}, index: 0});
    }
    return [...changes, ...added];
  }

  // inverse returns the changes that undo changes.
  const inverse = changes => changes.map(c => ({...c, before: c.after, after: c.before})).reverse();

  // patch makes changes of doc, each only where what it changes is as it was
  // before: {doc, done, refused}. It is what the server does.
  function patch(doc, changes) {
    const d = {...doc}, done = [], refused = [];
    for (const change of changes) {
      const property = change.part === "template" ? patchOwn(d, change) : patchElement(d, change);
      if (property === null) done.push(change);
      else refused.push({part: change.part, id: change.id, property});
    }
    return {doc: d, done, refused};
  }

  // patchElement makes a change of a field or table of d. It returns the property
  // that is not as it was before, "" for the whole, or null where it is made.
  function patchElement(d, {part, id, before, after, index}) {
    const list = d[part], at = list.findIndex(e => e.id === id);
    if (!before) {
      if (at < 0) d[part] = list.toSpliced(Math.min(index, list.length), 0, after);
      return null;
    }
    if (at < 0) return after ? "" : null;
    const element = list[at];
    if (!after) {
      if (!same(element, before)) return "";
      d[part] = list.toSpliced(at, 1);
      return null;
    }
    const next = three(element, before, after);
    if (typeof next === "string") return next;
    d[part] = list.with(at, next);
    return null;
  }

  // three returns object with the properties that differ between before and
  // after as they are after, or the name of one that is neither.
  function three(object, before, after) {
    const next = {...object};
    for (const k of new Set([...Object.keys(before), ...Object.keys(after)])) {
      if (same(object[k], after[k])) continue;
      if (!same(object[k], before[k])) return k;
      if (after[k] === null || after[k] === undefined) delete next[k];
      else next[k] = after[k];
    }
    return next;
  }

  function patchOwn(d, {before, after}) {
    const lists = {};
    for (const part of ["fields", "tables"]) {
      const k = orders[part];
      if (!after[k]) continue;
      lists[part] = reordered(d[part], before[k], after[k]);
      if (!lists[part]) return k;
    }
    const pick = o => Object.fromEntries(own.filter(k => k in o).map(k => [k, o[k]]));
    const next = three(pick(d), pick(before), pick(after));
    if (typeof next === "string") return next;
    for (const k of own) delete d[k];
    Object.assign(d, {groups: [], combine: []}, next, lists);
    return null;
  }

  // reordered returns list with the elements that before and after name in the
  // order of after, in the places that these have now; null where they are not in
  // the order of before.
  function reordered(list, before, after) {
    const there = byID(list), named = new Set(before);
    const now = list.filter(e => named.has(e.id)).map(e => e.id);
    const want = after.filter(id => there.has(id));
    if (same(now, want)) return list;
    if (!same(now, before.filter(id => there.has(id)))) return null;
    let i = 0;
    return list.map(e => named.has(e.id) ? there.get(want[i++]).e : e);
  }

  // ---- The draft of this person's browser. ----

  // An answer that is none, with what to do about it.
  class Trouble extends Error {
    constructor(status, words) {
      super(words);
      this.status = status; // of HTTP; 0 where there was no answer
    }
    get passes() { return this.status === 0 || this.status === 401 || this.status === 408 || this.status === 429 || this.status >= 500; }
  }

  const mergeWithin = 1000; // ms between steps that are one
  const maxAt = 100;        // ids of the selection that others are shown

  // A Draft holds the document that the person sees, and keeps it and the
  // server's alike. Its events are
  //   change  the document is another; detail.why is "load", "change", "undo", "redo" or "sync", detail.label that of the step
  //   select  the selection is another
  //   sync    state, unsaved, defects, changedBy, gone or error may be others
  //   people  people is another
  //   refused detail is the list of what was refused: {part, id, property, by}
  class Draft extends EventTarget {
    #base = null;     // what the server said last
    #sending = null;  // changes that the server may have, and the document with them
    #done = [];       // steps, the last one last
    #undone = [];
    #mergeFrom = null; // the document before the last step, while another may become part of it
    #url = "";
    #query = "";
    #tab = uuid();
    #timer = 0;
    #busy = null;      // the request in hand: its AbortController
    #asking = false;   // it is one for news
    #tries = 0;        // that failed, since the last answer
    #most = Infinity;  // changes that are sent at once
    #closed = false;
    #options;

    doc = null;       // never to be changed by others
    suggested = {fields: [], tables: [], groups: [], title: null};
    defects = [];
    people = [];
    changedBy = "";
    selection = [];
    refused = [];     // of the last answer that refused anything
    readOnly = true;
    state = "saved";  // "saved", "saving" or "offline"
    gone = false;     // the draft was released or discarded
    loggedOut = false; // what is offline is, because nobody is logged in
    error = "";       // what the server said is wrong, in words; empty where nothing is
    revision = 0;

    // Fetch is that of the person of the page; other options are for tests: within (ms until a change is sent), every (ms between questions for news).
    constructor(options = {}) {
      super();
      this.#options = {fetch: (...args) => fetch(...args), within: 150, every: 2000, wait: 1000, ...options};
    }

    // load gets the draft at url, or for ?version=N that version, which is
    // read-only. It fails with an Error in words.
    async load(url) {
      const [path, query] = url.split("?");
      this.#url = path;
      this.#query = query ? "?" + query : "";
      const answer = await this.#ask("GET", "", null);
      this.readOnly = new URLSearchParams(query || "").has("version");
      this.#base = tidied(answer.template);
      this.doc = this.#base;
      this.suggested = {fields: [], tables: [], groups: [], title: null, ...answer.suggested};
      this.#take(answer);
      this.#tell("change", {why: "load", label: ""});
      this.#tellSync();
      this.#watch();
      if (!this.readOnly) this.#schedule(this.#options.every);
    }

    // close ends all that goes on.
    close() {
      this.#closed = true;
      clearTimeout(this.#timer);
      if (this.#busy) this.#busy.abort();
    }

    get canUndo() { return this.#done.length > 0; }
    get canRedo() { return this.#undone.length > 0; }
    get undoLabel() { return this.canUndo ? this.#done.at(-1).label : ""; }
    get redoLabel() { return this.canRedo ? this.#undone.at(-1).label : ""; }

    // unsaved is how many changes the server is not known to have.
    get unsaved() { return this.#outstanding().length; }

    field(id) { return this.doc.fields.find(f => f.id === id); }
    table(id) { return this.doc.tables.find(t => t.id === id); }

    // change has edit change a copy of the document, as one step that can be
    // undone; or as part of the last one, where that had the same merge key less
    // than a second ago. It reports whether anything changed.
    change(label, edit, {merge = ""} = {}) {
      if (this.readOnly || this.gone) return false;
      const before = this.doc, copy = clone(before), now = Date.now();
      edit(copy);
      const after = shared(before, tidied(copy)), changes = diff(before, after);
      if (changes.length === 0) return false;
      const last = this.#done.at(-1);
      const joins = merge && last && last.merge === merge && now - last.at < mergeWithin && this.#mergeFrom && this.#undone.length === 0;
      if (joins) {
        last.changes = diff(this.#mergeFrom, after);
        last.at = now;
        if (last.changes.length === 0) this.#done.pop();
      } else {
        this.#mergeFrom = before;
        this.#done.push({label, changes, merge, at: now, selection: this.selection});
        this.#undone = [];
      }
      this.#show(after, "change", label);
      this.#soon();
      return true;
    }

    // undo undoes the last step that can be: what others changed since stays.
    undo() { return this.#back(this.#done, this.#undone, "undo"); }
    redo() { return this.#back(this.#undone, this.#done, "redo"); }

    #back(from, to, why) {
      if (this.readOnly || this.gone) return false;
      this.#mergeFrom = null;
      while (from.length > 0) {
        const step = from.pop();
        const {doc, done, refused} = patch(this.doc, inverse(step.changes));
        this.#refuse(refused.map(r => ({...r, by: this.#other})));
        const changes = diff(this.doc, doc);
        if (changes.length === 0) continue; // nothing of it is left
        to.push({...step, changes: done, merge: "", selection: this.selection});
        this.#show(doc, why, step.label);
        this.select(step.selection);
        this.#soon();
        return true;
      }
      this.#tellSync();
      return false;
    }

    // select selects what there is of a list of ids; "title" is that of the title.
    select(list) {
      const there = new Set(ids(this.doc));
      if (this.doc.title) there.add("title");
      const next = [...new Set(list)].filter(id => there.has(id));
      if (same(next, this.selection)) return;
      this.selection = next;
      this.#tell("select", {});
    }

    // ---- What goes on between here and the server. ----

    #tell(name, detail) { this.dispatchEvent(new CustomEvent(name, {detail})); }

    #tellSync() {
      this.state = this.#tries > 0 ? "offline" : this.unsaved > 0 ? "saving" : "saved";
      this.#tell("sync", {});
    }

    // show makes doc what the person sees.
    #show(doc, why, label) {
      if (doc === this.doc) return;
      this.doc = doc;
      this.#tell("change", {why, label});
      this.select(this.selection);
    }

    #refuse(list) {
      if (list.length === 0) return;
      this.refused = list;
      this.#tell("refused", list);
    }

    // other is who changed the draft last, where that is not this person.
    get #other() {
      const self = this.people.find(p => p.self);
      return self && self.name === this.changedBy ? "" : this.changedBy;
    }

    // outstanding returns the changes that the server is not known to have. Those
    // that it may have come first, as they were sent.
    #outstanding() {
      if (this.readOnly || !this.#base) return [];
      if (!this.#sending) return diff(this.#base, this.doc);
      return [...this.#sending.changes, ...diff(this.#sending.doc, this.doc)];
    }

    // soon sends what is changed, in a moment.
    #soon() {
      if (this.#asking && this.#busy) this.#busy.abort(); // the answer to the change brings the news
      if (this.#tries === 0) this.#schedule(this.#options.within);
      this.#tellSync();
    }

    #schedule(ms) {
      clearTimeout(this.#timer);
      if (!this.#closed && !this.gone) this.#timer = setTimeout(() => this.#turn(), ms);
    }

    // turn sends what is changed, or else asks for news. There is one request at
    // a time.
    async #turn() {
      if (this.#busy || this.#closed) return;
      if (!this.#sending) {
        const changes = diff(this.#base, this.doc), first = changes.slice(0, this.#most);
        if (changes.length > 0) this.#sending = {changes: first, doc: first.length === changes.length ? this.doc : patch(this.#base, first).doc};
      }
      this.#asking = !this.#sending;
      if (this.#asking && this.#hidden()) {
        this.#schedule(this.#options.every);
        return;
      }
      try {
        const answer = this.#asking
          ? await this.#ask("GET", "/news", null, {revision: this.revision, at: this.#at().join(",")})
          : await this.#ask("POST", "/changes", {revision: this.revision, at: this.#at(), changes: this.#sending.changes});
        this.#tries = 0;
        this.#most = Infinity;
        this.error = "";
        this.loggedOut = false;
        this.#receive(answer);
      } catch (trouble) {
        if (this.#closed) return;
        if (trouble.name !== "AbortError") this.#fail(trouble);
      }
      this.#tellSync();
      this.#schedule(this.#next());
    }

    // next is how long to wait until the next turn, in ms.
    #next() {
      if (this.#tries > 0) return this.#options.wait * Math.min(15, 2 ** (this.#tries - 1));
      return this.unsaved > 0 ? this.#options.within : this.#options.every;
    }

    // receive takes an answer: what the person changed meanwhile is laid over it.
    #receive(answer) {
      const sent = this.#sending;
      this.#sending = null;
      if (answer.template) {
        const before = this.doc, base = shared(before, tidied(answer.template));
        const later = diff(sent ? sent.doc : this.#base, before);
        const {doc, refused} = patch(base, later);
        this.#base = base;
        const next = shared(before, doc);
        if (diff(before, next).length > 0) {
          this.#mergeFrom = null;
          this.#show(next, "sync", "");
        } else {
          this.doc = next;
        }
        this.#take(answer);
        this.#refuse([...(answer.refused || []), ...refused.map(r => ({...r, by: this.#other}))]);
      } else {
        this.#take(answer);
      }
    }

    // take takes what an answer says besides the document.
    #take(answer) {
      this.revision = answer.revision;
      this.changedBy = answer.changedBy || "";
      if (answer.defects) this.defects = answer.defects;
      const people = answer.people || [];
      if (!same(people, this.people)) {
        this.people = people;
        this.#tell("people", {});
      }
    }

    // fail decides what becomes of a request that was not answered.
    #fail(trouble) {
      this.error = trouble.message;
      this.loggedOut = trouble.status === 401;
      if (trouble.passes) {
        this.#tries++;
        return;
      }
      if (trouble.status === 404) {
        this.gone = true;
        return;
      }
      if (!this.#sending) {
        this.#tries++;
        return;
      }
      // The server takes no such changes, ever: those that it would take are found
      // by halves. What depends on the one that is left goes too.
      const {changes, doc: sent} = this.#sending;
      this.#sending = null;
      this.#most = Math.max(1, changes.length >> 1);
      if (changes.length > 1) return;
      const {doc} = patch(this.#base, diff(sent, this.doc));
      this.#mergeFrom = null;
      this.#show(doc, "sync", "");
      this.#refuse(changes.map(c => ({part: c.part, id: c.id, property: Object.keys(c.after || {})[0] || "", by: ""})));
    }

    #at() { return this.selection.slice(0, maxAt); }

    // ask sends a request and returns what the answer says.
    async #ask(method, path, body, query = {}, keepalive = false) {
      const busy = new AbortController();
      if (!keepalive) this.#busy = busy;
      const late = setTimeout(() => busy.abort(new Trouble(0, "")), 20_000);
      try {
        const params = new URLSearchParams(this.#query.slice(1));
        for (const [k, v] of Object.entries({tab: this.#tab, ...query})) params.set(k, v);
        const headers = {"HX-Request": "true"}; // what is wrong is then said in a sentence
        if (body) headers["Content-Type"] = "application/json";
        let answer;
        try {
          answer = await this.#options.fetch(`${this.#url}${path}?${params}`, {
            method, headers, body: body ? JSON.stringify(body) : undefined, signal: busy.signal, keepalive,
          });
        } catch (e) {
          if (e.name === "AbortError" || e instanceof Trouble) throw e;
          throw new Trouble(0, "");
        }
        if (answer.headers.get("HX-Redirect")) throw new Trouble(401, "");
        if (!answer.ok) throw new Trouble(answer.status, await answer.text());
        try {
          return await answer.json();
        } catch (e) {
          if (e.name === "AbortError" || e instanceof Trouble) throw e;
          throw new Trouble(0, ""); // it broke off
        }
      } finally {
        clearTimeout(late);
        if (!keepalive) this.#busy = null;
      }
    }

    #hidden() { return typeof document !== "undefined" && document.visibilityState === "hidden"; }

    // watch has nothing get lost when the page is left or the line comes back.
    #watch() {
      if (typeof document === "undefined" || this.readOnly) return;
      addEventListener("online", () => this.#schedule(0));
      addEventListener("beforeunload", event => {
        if (this.#atRisk()) event.preventDefault();
      });
      addEventListener("pagehide", () => this.#leave());
      document.addEventListener("visibilitychange", () => this.#schedule(0));
    }

    // atRisk reports whether leave may not be able to send what is left: browsers
    // send 64 KiB.
    #atRisk() {
      const changes = this.gone ? [] : this.#outstanding();
      return changes.length > 0 && (this.#tries > 0 || JSON.stringify(changes).length > 20_000);
    }

    // leave sends what is left in a request that outlives the page.
    #leave() {
      const changes = this.#outstanding();
      if (changes.length === 0 || this.gone) return;
      this.#ask("POST", "/changes", {revision: this.revision, at: [], changes}, {}, true).catch(() => {});
    }
  }

  // shared returns doc with the parts that are the same in before being those of
  // before, so that a comparison of these is quick.
  function shared(before, doc) {
    const d = {...doc};
    for (const part of ["fields", "tables"]) {
      const then = byID(before[part]);
      d[part] = doc[part].map(e => {
        const was = then.get(e.id);
        return was && same(was.e, e) ? was.e : e;
      });
    }
    return d;
  }

  const all = {Draft, clone, same, uuid, ids, cellIds, newField, newTable, rename, tidied, diff, inverse, patch};
  if (typeof module !== "undefined") module.exports = all;
  else Object.assign(globalThis, all);
})();
