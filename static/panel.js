// The panel of the builder: what is selected in a draft, or the template itself
// where nothing is, as a form. All controls are in the page already; here they are
// shown, filled in and listened to. A control is never replaced, so that it keeps
// the focus and what is being typed.
"use strict";

// panel has element, which BuilderPanel draws, show and change what is selected
// in draft.
const panel = (() => {
  const {setKind, setCount, columnOf, putColumn, moveColumn, setRows, setGroup, groups, chooseOf, setChoose, addends, places, members} = fields;
  const own = "…", mixed = "(mixed)"; // as builderpanel.go has them
  const sides = ["x", "y", "w", "h"];

  // ---- What is changed: a subject is a field, a table, a column, the title or the template. ----

  const whole = {
    key: "",
    of: doc => doc,
    put(doc, k, v) { doc[k] = v; },
    defects: d => d.part === "",
    named: () => [],
  };

  const heading = {
    key: "title",
    of: doc => doc.title,
    put(doc, k, v) { doc.title[k] = v; },
    defects: d => d.part === "title",
    named: () => [],
  };

  const element = id => ({
    key: id,
    of: doc => doc.fields.find(f => f.id === id) || doc.tables.find(t => t.id === id),
    put(doc, k, v) { this.of(doc)[k] = v; },
    defects: d => d.id === id,
    named: doc => (doc.fields.some(f => f.id === id) ? doc.fields : doc.tables).filter(e => e.id !== id).map(e => e.name),
    rename(doc, name) { rename(doc, id, name); },
  });

  // column is a column of the table with an id, as if it were a field.
  const column = (id, columnID) => {
    const table = doc => doc.tables.find(t => t.id === id), at = doc => table(doc).columnIds.indexOf(columnID);
    return {
      key: columnID,
      at,
      of: doc => columnOf(table(doc), at(doc)),
      put(doc, k, v) {
        if (k === "name") table(doc).columns[at(doc)] = v;
        else putColumn(table(doc), at(doc), k, v);
      },
      defects: d => d.id === id,
      property: (doc, p) => p.replace(/^\w+/, k => ({name: "columns", label: "labels", valueType: "valueTypes"}[k] || k) + `[${at(doc)}]`),
      named: doc => table(doc).columns.filter((_, i) => i !== at(doc)),
      rename(doc, name) { rename(doc, id, name, at(doc)); },
    };
  };

  // ---- Properties that are more than a member. ----

  const special = {
    count: {get: f => (f.boxes || []).length, set: (f, v) => setCount(f, v)},
    header: {get: t => t.header, set: (t, v) => tables.setHeader(t, v, uuid)},
    rows: {get: t => t.rows, set: (t, v) => setRows(t, v)},
  };
  sides.forEach((side, i) => {
    special[side] = {
      get: e => e.box[i],
      set: (e, v) => shapes.fit(e, e.box.with(i, i < 2 ? v : Math.max(1, v))),
    };
  });

  // get returns a property of what a subject is in doc; "rules.min" is in rules.
  function get(doc, subject, path) {
    const what = subject.of(doc);
    if (special[path]) return special[path].get(what);
    if (path === "choose") return chooseOf(doc, what.group);
    const [head, rest] = path.split(".");
    return rest ? (what[head] || {})[rest] : what[head];
  }

  // set gives it another value; undefined takes it away.
  function set(doc, subject, path, value) {
    if (special[path]) return special[path].set(subject.of(doc), value);
    const [head, rest] = path.split(".");
    if (!rest) return subject.put(doc, head, value);
    const parts = {...subject.of(doc)[head], [rest]: value};
    if (value === undefined) delete parts[rest];
    subject.put(doc, head, parts);
  }

  // ---- What controls hold. ----

  const round = v => Math.round(v * 100) / 100; // of a pixel, as the server keeps it
  const decimal = text => Number(text.replace(/[,\s]/g, ""));

  // For each kind of control: what it holds as a value, which is NaN where it
  // cannot be one, and how a value is written.
  const kinds = {
    text: {read: text => text || undefined, write: v => v ?? ""},
    number: {read: text => text.trim() === "" ? undefined : decimal(text), write: v => v === undefined ? "" : String(v)},
    whole: {read: text => Math.round(text.trim() === "" ? NaN : decimal(text)), write: v => String(v)},
    percent: {
      read: text => text.trim() === "" ? undefined : Number((decimal(text.replace("%", "")) / 100).toFixed(6)),
      write: v => v === undefined ? "" : String(Number((v * 100).toFixed(4))),
    },
    lines: {
      read(text) {
        const list = text.split("\n").map(l => l.trim()).filter(Boolean);
        return list.length > 0 ? list : undefined;
      },
      write: v => Array.isArray(v) ? v.join("\n") : "",
    },
  };

  const kindOf = control => kinds[control.dataset.as || "text"];
  const read = control => control.type === "checkbox" ? control.checked || undefined
    : control.dataset.p && sides.includes(control.dataset.p) ? round(decimal(control.value || "x")) : kindOf(control).read(control.value);

  // write shows value in a control, but not over what is typed there and means the same.
  function write(control, value, several) {
    if (control.type === "checkbox") {
      control.checked = value === true;
      control.indeterminate = several;
      return;
    }
    if (several) value = undefined;
    if (control.tagName !== "SELECT") {
      control.placeholder = several ? control.dataset.mixed : control.dataset.placeholder;
      const typing = control === document.activeElement || composing === control;
      if (typing && (composing === control || untaken === control || same(read(control), value) || Number.isNaN(read(control)))) return;
    }
    const text = several && control.tagName === "SELECT" ? mixed : kindOf(control).write(value);
    if (control.value !== text) control.value = text;
  }

  let composing = null; // the control in which an input method is at work
  let untaken = null;   // the control with typed text that is taken only when it is left

  // ---- Rows of lists. ----

  // rows has list show items: each in a row made from a template, which fill fills.
  function rows(list, template, items, fill) {
    const focus = list.contains(document.activeElement) ? document.activeElement : null;
    const at = focus ? [...list.children].findIndex(r => r.contains(focus)) : -1;
    while (list.children.length < items.length) list.append(template.content.cloneNode(true));
    while (list.children.length > items.length) list.lastElementChild.remove();
    [...list.children].forEach((row, i) => fill(row, items[i], i));
    if (!focus || focus.isConnected) return;
    const last = list.children[Math.min(at, items.length - 1)], after = list.nextElementSibling; // the row with the focus went
    const next = last ? last.querySelector(`[data-c="${focus.dataset.c}"]`) : after.matches("button, input") ? after : after.querySelector("input, button");
    if (next) next.focus();
  }

  const part = (row, name) => row.querySelector(`:scope > [data-c="${name}"], :scope > :not(ol) [data-c="${name}"]`);

  // show writes text into the control of a row, unless it is being typed there.
  function show(control, text) {
    if (control !== document.activeElement && control !== composing && control.value !== text) control.value = text;
  }

  // ---- The panel. ----

  return function (root, draft) {
    const find = selector => root.querySelector(selector), all = selector => [...root.querySelectorAll(selector)];
    const words = root.dataset;
    const controls = all("[data-p]"), choices = all("select[data-choice]");
    for (const c of controls) Object.assign(c.dataset, {mixed: words.mixed, placeholder: c.placeholder || ""});

    let chosen = "";           // the id of the column of a table whose rules are shown
    const opened = new Set();  // choices for which what is written beside them is shown
    const kept = new Map();    // what fields lost with their kind, for setKind
    const wrong = new Map();   // controls that hold no value, with what is wrong
    let naming = null;         // the subject whose name is typed, and the last name that can be referred to

    // The subjects of this selection, and those whose rules are shown.
    let selves = [], values = [];

    function look() {
      const {doc, selection} = draft;
      if (selection.length === 0) {
        selves = [whole];
        values = [];
        return;
      }
      selves = selection.map(id => id === "title" ? heading : element(id)).filter(s => s.of(doc));
      const list = selves.map(s => s.of(doc));
      if (list.length === 1 && list[0].cells) {
        const table = list[0];
        if (!table.columnIds.includes(chosen)) chosen = table.columnIds[0];
        values = [column(table.id, chosen)];
      } else {
        values = list.every(e => e.type) ? selves : [];
      }
    }

    // shown returns what the sections are for that are to be seen.
    function shown() {
      if (selves[0] === whole) return ["one", "template", ...groups(draft.doc).length > 0 ? ["groups"] : []];
      const list = selves.map(s => s.of(draft.doc)), every = test => list.every(test);
      const single = list.length === 1, table = single && list[0].cells, show = ["box"];
      if (single) show.push("one");
      if (selves[0] === heading && single) return [...show, "title"];
      if (single) show.push("label");
      if (table) return [...show, "table", "column", "text", "try", "handling"];
      if (!every(e => e.type)) return show;
      show.push("field", "handling");
      if (single && list[0].type !== "CHECKBOX") show.push("ignore");
      if (every(e => e.type === "MULTI_BOX")) show.push("boxes");
      if (every(e => e.type !== "CHECKBOX")) show.push("text", ...single ? ["try"] : []);
      if (every(e => e.type === "CHECKBOX")) show.push("checkbox", ...every(e => e.group) ? ["group"] : []);
      return show;
    }

    const subjectsOf = control => control.closest("[data-of]") ? values : selves;

    // value returns what the subjects of a control hold, and whether that is several things.
    function value(control, path) {
      const list = subjectsOf(control).map(s => get(draft.doc, s, path));
      return {value: list[0], several: list.some(v => !same(v, list[0]))};
    }

    const labelOf = control => {
      const prop = control.closest(".prop, .switch");
      const label = prop && (prop.querySelector("label, .label") || prop) || control;
      return control.getAttribute("aria-label") || label.textContent.trim();
    };

    // change makes a step of the history.
    const change = (control, edit, key) => draft.change(labelOf(control), edit, key ? {merge: key} : undefined);

    const keyOf = (control, path) => path + ":" + subjectsOf(control).map(s => s.key).join(",");

    // put takes what a control holds into the draft.
    function put(control) {
      untaken = null;
      const path = control.dataset.p, subjects = subjectsOf(control), v = read(control);
      if (Number.isNaN(v) || v === undefined && "needed" in control.dataset) {
        wrong.set(control, words.number);
        return refresh();
      }
      wrong.delete(control);
      if (path === "name" && subjects[0].rename) name(control, subjects[0], v || "");
      else change(control, doc => edit(doc, subjects, path, v), "late" in control.dataset ? "" : keyOf(control, path));
      refresh();
    }

    function edit(doc, subjects, path, v) {
      if (path === "group") return setGroup(doc, subjects.map(s => s.key), v || "");
      if (path === "choose") {
        for (const g of new Set(subjects.map(s => s.of(doc).group))) setChoose(doc, g, v);
        return;
      }
      for (const s of subjects) {
        if (path === "type") setKind(s.of(doc), v, kept);
        else set(doc, s, path, v);
      }
    }

    // name gives a subject another name, which sums and combined fields that name it
    // follow. They stay with the last name that was one while what is typed is none,
    // or is another's.
    function name(control, subject, v) {
      if (!naming || naming.key !== subject.key) naming = {key: subject.key, last: subject.of(draft.doc).name};
      const good = v.trim() !== "" && !subject.named(draft.doc).includes(v);
      change(control, doc => {
        if (!good) return subject.put(doc, "name", v);
        subject.put(doc, "name", naming.last);
        subject.rename(doc, v);
      }, "name:" + subject.key);
      if (good) naming.last = v;
    }

    // choose takes what is chosen in a selection beside which something can be written.
    function choose(select) {
      const path = select.dataset.choice, beside = find(`[data-p="${path}"]`);
      if (select.value === own) {
        opened.add(path);
      } else {
        opened.delete(path);
        change(select, doc => subjectsOf(select).forEach(s => set(doc, s, path, select.value || undefined)));
      }
      refresh();
      if (!beside.hidden) beside.focus();
    }

    // ---- Showing. ----

    function refresh() {
      if (!draft.doc) return;
      look();
      const seen = new Set(shown());
      for (const e of all("[data-for]")) e.hidden = !seen.has(e.dataset.for);
      for (const e of all("fieldset")) e.disabled = draft.readOnly || draft.gone;
      head();
      for (const control of controls) {
        if (control.closest("[hidden]:not([data-p])")) continue;
        const {value: v, several} = value(control, control.dataset.p);
        write(control, v, several);
      }
      choices.forEach(showChoice);
      if (seen.has("template")) showTemplate();
      if (seen.has("table")) showColumns();
      if (seen.has("ignore")) showIgnored();
      if (seen.has("text")) showSum();
      if (seen.has("checkbox")) offer("#panel-groups", groups(draft.doc).map(g => ({value: g, label: g})));
      showDefects();
      ask();
    }

    function head() {
      const text = selves.length > 1 ? words.several.replace("{}", selves.length)
        : selves[0] === whole ? words.template : selves[0] === heading ? words.title : selves[0].of(draft.doc).name || "–";
      if (find("#panel-what").textContent !== text) find("#panel-what").textContent = text;
    }

    function showChoice(select) {
      if (select.closest("[hidden]")) return;
      const path = select.dataset.choice, beside = find(`[data-p="${path}"]`);
      const lang = draft.doc.lang.split(",").map(l => l.trim());
      for (const o of select.options) o.hidden = o.value === mixed || Boolean(o.dataset.lang) && !lang.includes(o.dataset.lang);
      const {value: v, several} = value(select, path);
      let text = v ?? "";
      if (several) text = mixed;
      else if (opened.has(path) || Array.isArray(v)) text = own;
      else if (![...select.options].some(o => o.value === text && !o.hidden)) text = unlisted(select, text);
      select.value = text;
      beside.hidden = text !== own;
    }

    // unlisted returns the option for what none stands for: a list of the domain that is not there.
    function unlisted(select, text) {
      if (!text.startsWith("list:") || select.dataset.choice !== "rules.in") return own;
      select.add(new Option(words.missing.replace("{}", text.slice(5)), text), select.options[select.options.length - 1]);
      return text;
    }

    const offered = new Map(); // what lists of suggestions hold

    // offer has an input suggest a list.
    function offer(list, items) {
      const said = JSON.stringify(items);
      if (offered.get(list) === said) return;
      offered.set(list, said);
      find(list).replaceChildren(...items.map(o => new Option(o.label, o.value)));
    }

    function showTemplate() {
      const {doc} = draft, lang = doc.lang.split(",").map(l => l.trim()).filter(Boolean);
      for (const c of all("[data-lang]")) {
        if (c.dataset.lang === "first") c.value = lang[0] || "";
        else if (c.type === "checkbox") {
          c.checked = lang.includes(c.dataset.lang);
          c.disabled = c.dataset.lang === lang[0];
        }
      }
      offer("#panel-places", places(doc));
      const labels = new Map(places(doc).map(p => [p.value, p.label]));
      rows(find("#panel-combined"), find("#panel-combined-row"), doc.combine, (row, c, i) => {
        show(part(row, "name"), c.name);
        part(row, "parts").setAttribute("aria-label", `${words.parts}: ${c.name}`);
        rows(part(row, "parts"), find("#panel-part-row"), c.parts, (r, p) => showPart(r, p, labels));
        part(row, "preview").textContent = c.parts.map(p => p.field ? `‹${labels.get(p.field) || p.field}›` : p.text || "").join("");
        say(part(row, "defect"), draft.defects.filter(d => d.part === "combine" && d.index === i));
      });
      const names = groups(doc);
      rows(find("#panel-group-list"), find("#panel-group-row"), names, (row, g) => {
        part(row, "name").textContent = `${g} (${members(doc, g).length})`;
        part(row, "choose").value = chooseOf(doc, g);
        part(row, "choose").setAttribute("aria-label", g);
        row.dataset.group = g;
        say(part(row, "defect"), draft.defects.filter(d => d.part === "groups" && (doc.groups[d.index] || {}).name === g));
      });
    }

    function showPart(row, p, labels) {
      const text = part(row, "text"), name = part(row, "field");
      name.hidden = !p.field;
      text.hidden = Boolean(p.field);
      name.textContent = p.field ? labels.get(p.field) || p.field : "";
      show(text, p.text || "");
    }

    function showColumns() {
      const table = selves[0].of(draft.doc);
      rows(find("#panel-columns"), find("#panel-column-row"), table.columnIds, (row, id, i) => {
        show(part(row, "name"), table.columns[i]);
        part(row, "rules").setAttribute("aria-pressed", String(id === chosen));
        part(row, "remove").hidden = true; // a column goes with its divider
        const of = new RegExp(`^(columns|labels|valueTypes|rules|personal|review|confidence)\\[${i}\\]`);
        say(part(row, "defect"), draft.defects.filter(d => d.id === table.id && of.test(d.property)));
      });
      find("#panel-column").textContent = words.column.replace("{}", table.columns[table.columnIds.indexOf(chosen)]);
    }

    function showIgnored() {
      const ignored = selves[0].of(draft.doc).ignore || [];
      rows(find("#panel-ignore"), find("#panel-ignore-row"), ignored, (row, box) => {
        sides.forEach((side, i) => show(part(row, side), String(box[i])));
        part(row, "remove").setAttribute("aria-label", words.remove);
      });
    }

    function showSum() {
      const {value: sum, several} = value(find("#panel-sum"), "rules.sum");
      rows(find("#panel-sum"), find("#panel-sum-row"), several ? [] : sum || [], (row, term) => {
        part(row, "name").textContent = term;
        part(row, "remove").setAttribute("aria-label", `${words.remove}: ${term}`);
      });
      offer("#panel-addends", terms().filter(a => !(sum || []).includes(a.value)));
    }

    // terms returns what a sum of what is selected may name.
    function terms() {
      const s = values[0], of = values.length > 1 ? "" : s.at ? selves[0].key : s.key;
      return addends(draft.doc, of, s.at && s.at(draft.doc));
    }

    // say shows defects in their place.
    function say(place, defects) {
      const text = defects.map(d => d.words).join(" ");
      if (place.textContent !== text) place.textContent = text;
      place.hidden = text === "";
    }

    // showDefects shows each defect of the selection at the control that it is about, and the rest above.
    function showDefects() {
      let left = selves.length > 1 ? [] : draft.defects.filter(d => selves[0].defects(d));
      for (const place of all("[data-defect]")) {
        const subjects = subjectsOf(place), asked = place.dataset.defect;
        const at = subjects.length === 1 && subjects[0].property ? subjects[0].property(draft.doc, asked) : asked;
        const about = place.closest("[hidden]:not([data-defect])") ? [] :
          left.filter(d => d.property === at || !("exact" in place.dataset) && /^[.[]/.test(d.property.slice(at.length)) && d.property.startsWith(at));
        left = left.filter(d => !about.includes(d));
        const mine = [...wrong].filter(([c]) => (c.getAttribute("aria-describedby") || "").includes(place.id)).map(([, text]) => ({words: text}));
        say(place, [...mine, ...about]);
        for (const c of all(`[aria-describedby~="${place.id}"]`)) c.setAttribute("aria-invalid", String(!place.hidden));
      }
      const table = selves[0].of(draft.doc);
      if (table && table.cells) left = left.filter(d => !/^(columns|labels|valueTypes|rules|personal|review|confidence)\[\d+\]/.test(d.property));
      find("#panel-defects").replaceChildren(...left.map(d => {
        const line = document.createElement("li");
        line.textContent = (d.property ? d.property + ": " : "") + d.words;
        return line;
      }));
    }

    // ---- Trying a value. ----

    let asked = "", timer = 0, number = 0, tried = false;

    // ask has the server say the rules in words, and what they make of the value that is tried.
    function ask() {
      if (find("#panel-try").hidden) {
        asked = "";
        return;
      }
      const field = {...values[0].of(draft.doc), box: [0, 0, 1, 1], boxes: undefined, ignore: undefined};
      const body = JSON.stringify({field, lang: draft.doc.lang, text: find("#try-text").value});
      if (body === asked) return;
      asked = body;
      clearTimeout(timer);
      timer = setTimeout(() => judge(body, ++number), 150);
    }

    async function judge(body, turn) {
      const rules = find("#try-rules"), verdict = find("#try-verdict"), text = find("#try-text").value;
      let answer;
      try {
        const response = await outbox.asPerson(words.try, {method: "POST", headers: {"Content-Type": "application/json"}, body});
        if (!response.ok) throw new Error(String(response.status));
        answer = await response.json();
      } catch {
        if (turn !== number) return;
        asked = ""; // the next change asks again
        answer = {ok: false, sentences: [words.offline], words: []};
      }
      if (turn !== number) return;
      rules.textContent = answer.words.join(" · ");
      const silent = text === "" && (answer.ok || !tried);
      verdict.className = silent ? "" : answer.ok ? "keeps" : "breaks";
      verdict.textContent = silent ? "" : answer.ok ? "✓ " + words.ok : "✗ " + answer.sentences.join(" ");
    }

    // ---- Listening. ----

    const rowOf = (element, list) => [...find(list).children].indexOf(element.closest(`${list} > *`));
    const textual = control => control.matches("input:not([type=checkbox]), textarea");

    function typed(control) {
      if (control.dataset.p) {
        if ("late" in control.dataset) untaken = control;
        else put(control);
      } else if (control.id === "try-text") {
        tried = true;
        ask();
      } else if (control.closest("#panel-columns")) {
        const id = selves[0].of(draft.doc).columnIds[rowOf(control, "#panel-columns")];
        name(control, column(selves[0].key, id), control.value);
      } else if (control.closest("#panel-combined") && control.dataset.c !== "field") {
        const i = rowOf(control, "#panel-combined");
        if (control.dataset.c === "name") change(control, doc => { doc.combine[i].name = control.value; }, "combined:" + i);
        else {
          const k = [...control.closest("ol").children].indexOf(control.closest("li"));
          change(control, doc => { doc.combine[i].parts[k] = {text: control.value}; }, `part:${i}:${k}`);
        }
      } else if (control.closest("#panel-ignore")) {
        const v = round(decimal(control.value || "x")), i = rowOf(control, "#panel-ignore"), side = sides.indexOf(control.dataset.c);
        control.setAttribute("aria-invalid", String(Number.isNaN(v)));
        if (!Number.isNaN(v)) change(control, doc => { selves[0].of(doc).ignore[i][side] = v; }, `ignore:${i}:${side}`);
      }
    }

    root.addEventListener("input", event => {
      if (event.isComposing || composing || !textual(event.target)) return;
      typed(event.target);
    });
    root.addEventListener("compositionstart", event => { composing = event.target; });
    root.addEventListener("compositionend", event => {
      if (composing) typed(event.target); // or else finish was there before
      composing = null;
    });

    root.addEventListener("change", event => {
      const control = event.target;
      if (control.dataset.choice) return choose(control);
      if (control.dataset.p) return textual(control) && !("late" in control.dataset) ? undefined : put(control);
      if (control.dataset.lang) return language(control);
      if (control.dataset.add === "sum") return addTerm(control);
      if (control.closest("#panel-group-list")) {
        const g = control.closest("li").dataset.group;
        change(control, doc => setChoose(doc, g, control.value));
      } else if (control.closest("#panel-combined") && control.dataset.c === "field") {
        addPlace(control);
      }
    });

    // Nothing moves between the press and the release of a button: the click would be lost.
    let pressed = false;
    root.addEventListener("pointerdown", () => { pressed = true; });
    for (const type of ["pointerup", "pointercancel"]) addEventListener(type, () => {
      if (pressed) setTimeout(refresh);
      pressed = false;
    });

    // What was typed is shown as it is kept once the control is left.
    root.addEventListener("focusout", event => {
      const control = event.target;
      composing = untaken = null;
      if (naming && (control.dataset.p === "name" || control.dataset.c === "name")) naming = null;
      wrong.delete(control);
      if (!pressed) setTimeout(refresh);
    });

    root.addEventListener("focusin", event => {
      const row = event.target.closest("#panel-columns > li");
      if (row) chooseColumn(rowOf(row, "#panel-columns"));
    });

    function chooseColumn(i) {
      const id = selves[0].of(draft.doc).columnIds[i];
      if (id === chosen) return;
      chosen = id;
      opened.clear();
      refresh();
    }

    function language(control) {
      const now = draft.doc.lang.split(",").map(l => l.trim()).filter(Boolean), l = control.dataset.lang;
      const next = l === "first" ? [control.value, ...now.filter(o => o !== control.value)]
        : control.checked ? [...now, l] : now.filter(o => o !== l);
      change(control, doc => { doc.lang = next.join(","); });
    }

    // named returns which of a list of things an input names, and empties it; or undefined.
    function named(control, list) {
      const typed = control.value.trim(), one = list.find(o => o.value === typed || o.label === typed);
      control.setAttribute("aria-invalid", String(typed !== "" && !one));
      if (one) control.value = "";
      return one && one.value;
    }

    function addTerm(control) {
      const term = named(control, terms());
      if (term) change(control, doc => values.forEach(s => set(doc, s, "rules.sum", [...new Set([...get(doc, s, "rules.sum") || [], term])])));
    }

    // addPlace adds a field or cell to a combined field.
    function addPlace(control) {
      const i = rowOf(control, "#panel-combined"), place = named(control, places(draft.doc));
      if (place) change(control, doc => { doc.combine[i].parts.push({field: place}); });
    }

    // move moves a row of a list, and has the focus go along.
    function move(row, by, button) {
      const list = row.parentElement, from = [...list.children].indexOf(row), to = from + by;
      if (to < 0 || to >= list.children.length) return;
      reorder(list, from, to);
      const again = list.children[to].querySelector(`[data-c="${button}"]`);
      if (again) again.focus();
    }

    function reorder(list, from, to) {
      const moved = array => array.toSpliced(from, 1).toSpliced(to, 0, array[from]);
      draft.change(words.move, doc => {
        if (list.id === "panel-columns") moveColumn(selves[0].of(doc), from, to);
        else {
          const c = doc.combine[rowOf(list, "#panel-combined")];
          c.parts = moved(c.parts);
        }
      });
      refresh();
    }

    root.addEventListener("keydown", event => {
      const row = event.target.closest("#panel-columns > li, .parts-list > li");
      const by = {ArrowUp: -1, ArrowDown: 1}[event.key];
      if (!row || !by || !event.altKey || event.isComposing) return;
      event.preventDefault();
      move(row, by, event.target.dataset.c);
    });

    root.addEventListener("click", event => {
      const button = event.target.closest("button");
      if (!button || button.disabled) return;
      const list = button.closest("ol, ul"), row = button.closest("li");
      const doing = button.dataset.do || button.dataset.c;
      if (row && (doing === "up" || doing === "down")) return move(row, doing === "up" ? -1 : 1, doing);
      if (row && doing === "remove") return remove(button, list, row);
      if (doing === "rules") return chooseColumn(rowOf(button, "#panel-columns"));
      if (doing === "text") addText(button);
      if (button.dataset.do && actions[button.dataset.do]) actions[button.dataset.do](button);
      refresh();
    });

    function remove(button, list, row) {
      const i = [...list.children].indexOf(row);
      change(button, doc => {
        if (list.id === "panel-combined") doc.combine.splice(i, 1);
        else if (list.id === "panel-ignore") selves[0].of(doc).ignore.splice(i, 1);
        else if (list.id === "panel-sum") values.forEach(s => set(doc, s, "rules.sum", get(doc, s, "rules.sum").toSpliced(i, 1)));
        else doc.combine[rowOf(list, "#panel-combined")].parts.splice(i, 1);
      });
      refresh();
    }

    function addText(button) {
      const i = rowOf(button, "#panel-combined");
      change(button, doc => { doc.combine[i].parts.push({text: "-"}); });
      refresh();
      const added = find("#panel-combined").children[i].querySelector(".parts-list > li:last-child [data-c=text]");
      added.focus();
      added.select();
    }

    const actions = {
      title(button) {
        const {width, height} = draft.doc;
        change(button, doc => { doc.title ||= {name: "", text: "", box: [width / 4, height / 25, width / 2, height / 25].map(round)}; });
        draft.select(["title"]);
        find("#p-name").focus();
      },
      remove_title(button) {
        change(button, doc => { delete doc.title; });
        find("#p-name").focus();
      },
      add_combined(button) {
        change(button, doc => { doc.combine.push({name: "", parts: []}); });
        refresh();
        find("#panel-combined > li:last-child input").focus();
      },
      add_ignore(button) {
        const [x, y, w, h] = selves[0].of(draft.doc).box;
        change(button, doc => {
          const f = selves[0].of(doc);
          f.ignore = [...f.ignore || [], [round(x + 3 * w / 4), y, round(w / 4), h]];
        });
      },
    };

    // Rows are dragged by their handles.
    let dragged = null;
    root.addEventListener("dragstart", event => {
      dragged = event.target.closest("li");
      event.dataTransfer.setData("text/plain", "");
      event.dataTransfer.setDragImage(dragged, 0, 0);
    });
    root.addEventListener("dragend", () => { dragged = null; });
    root.addEventListener("dragover", event => {
      const row = event.target.closest("li");
      if (dragged && row && row.parentElement === dragged.parentElement) event.preventDefault();
    });
    root.addEventListener("drop", event => {
      const row = event.target.closest("li");
      if (!dragged || !row || row.parentElement !== dragged.parentElement) return;
      event.preventDefault();
      const list = [...row.parentElement.children];
      reorder(row.parentElement, list.indexOf(dragged), list.indexOf(row));
    });

    let due = 0;
    const soon = () => { due ||= requestAnimationFrame(() => { due = 0; refresh(); }); };
    draft.addEventListener("change", soon);
    draft.addEventListener("sync", soon);
    draft.addEventListener("select", () => {
      finish();
      opened.clear();
      wrong.clear();
      naming = null;
      find("#try-text").value = "";
      tried = false;
      refresh();
    });

    // finish takes what is still being typed into what was selected. A press of the
    // mouse selects something else before the control that has the focus hears of it.
    function finish() {
      const control = document.activeElement, method = composing;
      composing = null;
      if (method) typed(method);
      if (!root.contains(control) || !("late" in control.dataset)) return;
      const {value: v, several} = value(control, control.dataset.p);
      if (several ? control.value !== "" : !same(read(control), v)) put(control);
      untaken = null;
    }
    refresh();
  };
})();
