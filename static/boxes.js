// Rows of boxes with a character in each: one input, drawn as boxes below their
// picture. What is typed goes over what is there, box by box. The value is the
// characters joined, as everywhere.
"use strict";

// What stands in boxes, and which of them are chosen: {list, at, end}, from box at to
// before end, or only the box at where both are the same. Without a page.
const boxes = (() => {
  const split = text => [...text.normalize("NFC")];
  const held = state => state.list.join("");

  // lay returns what each of so many boxes holds, or null where text is too long.
  // read is what the machine has read in each: it says at which end they begin.
  function lay(text, read) {
    if (read.join("") === text) return [...read];
    const all = split(text), blank = Array(Math.max(0, read.length - all.length)).fill("");
    if (all.length > read.length) return null;
    return read[0] === "" && read.at(-1) !== "" ? [...blank, ...all] : [...all, ...blank];
  }

  const clamp = (state, at) => Math.max(0, Math.min(state.list.length - 1, at));
  const go = (state, at) => ({...state, at: clamp(state, at), end: clamp(state, at)});
  const choose = (state, at, end) => ({...state, at, end});

  // put writes text over the boxes from the first chosen one on. A space leaves its
  // box blank. It returns null where the text has more characters than there are
  // boxes for it, also without what only divides them.
  function put(state, text) {
    let all = split(text.replace(/[\t\r\n]+/g, ""));
    if (all.length > state.list.length - state.at) all = all.filter(c => !/[\s\-–·./,]/.test(c));
    if (all.length > state.list.length - state.at) return null;
    const list = [...state.list];
    for (let i = state.at; i < state.end; i++) list[i] = "";
    all.forEach((c, i) => { list[state.at + i] = c.trim(); });
    return {...go({...state, list}, state.at + all.length), full: state.at + all.length === list.length};
  }

  function clear(state, from, to) {
    return go({...state, list: state.list.map((c, i) => i >= from && i < to ? "" : c)}, from);
  }

  // back clears the chosen boxes, or the one before; behind the last that is full, that one.
  function back(state) {
    if (state.end > state.at) return clear(state, state.at, state.end);
    const at = state.full ? state.at : Math.max(0, state.at - 1);
    return clear(state, at, at + 1);
  }

  const remove = state => clear(state, state.at, Math.max(state.end, state.at + 1));

  return {lay, held, go, choose, put, back, remove};
})();

if (typeof module === "object") module.exports = boxes;

if (typeof document === "object") (() => {
  const on = (type, act, capture) => document.addEventListener(type, act, capture);
  const states = new WeakMap(); // by form
  let composed = null; // {form, before, after}: what an input method is at

  const formOf = target => target.matches && target.matches("form[data-boxes] [name=text]") ? target.form : null;
  const input = form => form.querySelector("[name=text]");
  const places = form => JSON.parse(form.dataset.boxes);

  // stateOf returns what stands in the boxes of form, or null where its text has no
  // place in them.
  function stateOf(form) {
    const state = states.get(form), text = input(form).value;
    if (state && boxes.held(state) === text) return state;
    const list = boxes.lay(text, places(form).map(p => p[2]));
    if (!list) return null;
    const fresh = {list, at: 0, end: 0};
    states.set(form, fresh);
    return fresh;
  }

  // draw draws the boxes of form, below its picture.
  function draw(form, composing = "") {
    const crop = form.querySelector(".crop"), parts = crop ? crop.querySelectorAll(".part") : [];
    const state = parts.length > 0 ? stateOf(form) : null;
    form.classList.toggle("boxed", state !== null);
    if (!state) return;
    const drawn = crop.querySelector(".boxes") || crop.appendChild(make(form));
    const whole = parts.length === 1, all = places(form), unread = input(form).value !== input(form).dataset.initial;
    drawn.style.width = (whole ? parts[0].offsetWidth : crop.clientWidth) + "px";
    [...drawn.children].forEach((box, i) => {
      const [left, width, , unclear] = all[i];
      box.style.left = 100 * (whole ? left : i / all.length) + "%";
      box.style.width = 100 * (whole ? width : 1 / all.length) + "%";
      box.textContent = composing && i === state.at ? composing : state.list[i];
      box.classList.toggle("unclear", unclear === 1 && !unread);
      box.classList.toggle("at", i === state.at || i > state.at && i < state.end);
    });
  }

  function make(form) {
    const drawn = document.createElement("span");
    drawn.className = "boxes";
    drawn.ariaHidden = "true"; // the input says it
    drawn.append(...places(form).map(() => document.createElement("b")));
    return drawn;
  }

  // hold has form hold state, and tells as if it had been typed.
  function hold(form, state) {
    const field = input(form), typed = field.value !== boxes.held(state);
    states.set(form, state);
    if (typed) field.value = boxes.held(state);
    mark(form, state);
    if (typed) field.dispatchEvent(new InputEvent("input", {bubbles: true}));
    draw(form);
  }

  // mark chooses in the input what is chosen in the boxes, so that an input method
  // writes over it.
  function mark(form, state) {
    const before = state.list.slice(0, state.at).join("").length;
    const chosen = state.full ? "" : state.list.slice(state.at, Math.max(state.end, state.at + 1)).join("");
    const from = state.full ? input(form).value.length : before;
    input(form).setSelectionRange(from, from + chosen.length);
  }

  // begin goes to the first box that is not clear, or else to the first.
  function begin(form) {
    const state = stateOf(form);
    if (!state) return draw(form);
    const unclear = places(form).findIndex(p => p[3] === 1), unread = input(form).value !== input(form).dataset.initial;
    const next = boxes.go({...state, full: false}, unread || unclear < 0 ? 0 : unclear);
    states.set(form, next);
    mark(form, next);
    draw(form);
  }

  const moves = {
    ArrowLeft: s => s.full ? {...s, full: false} : boxes.go(s, s.at - 1), ArrowRight: s => boxes.go({...s, full: false}, s.at + 1),
    Home: s => boxes.go({...s, full: false}, 0), End: s => boxes.go({...s, full: false}, s.list.length - 1),
    Backspace: s => ({...boxes.back(s), full: false}), Delete: s => ({...boxes.remove(s), full: false}),
  };

  function keydown(event) {
    const form = formOf(event.target), state = form && stateOf(form);
    if (!state || !form.matches(".boxed") || keys.composing(event) || event.altKey || event.metaKey) return;
    let next = null;
    if (event.ctrlKey && event.code === "KeyA") next = boxes.choose(state, 0, state.list.length);
    else if (!event.ctrlKey && !event.shiftKey && moves[event.key]) next = moves[event.key](state);
    if (!next) return;
    event.preventDefault();
    hold(form, next);
  }

  // beforeInput writes what is typed, pasted or dropped into the boxes. What an input
  // method does cannot be kept from happening: its end is waited for.
  function beforeInput(event) {
    const form = formOf(event.target), state = form && stateOf(form);
    if (!state || !form.matches(".boxed") || event.inputType === "insertCompositionText" || event.isComposing) return;
    const text = event.data ?? (event.dataTransfer ? event.dataTransfer.getData("text/plain") : null);
    let next = null;
    if (text !== null) next = state.full ? null : boxes.put(state, text);
    else if (/^delete/.test(event.inputType)) next = boxes.remove(state);
    else return;
    if (next) {
      event.preventDefault();
      hold(form, next);
    } else if (text !== null && [...text].length === 1) {
      event.preventDefault(); // all boxes are full
    } // more than fits is a text of its own, and shown as one
  }

  on("beforeinput", beforeInput, true);
  on("keydown", keydown, true);
  on("compositionstart", event => {
    const form = formOf(event.target), state = form && stateOf(form);
    if (!state || !form.matches(".boxed")) return;
    mark(form, state);
    const {value, selectionStart, selectionEnd} = event.target;
    composed = {form, state, before: value.slice(0, selectionStart), after: value.slice(selectionEnd)};
  });
  // written returns what the input method has written so far.
  const written = () => {
    const {value} = input(composed.form);
    return value.slice(composed.before.length, value.length - composed.after.length);
  };
  on("compositionupdate", () => {
    if (composed) queueMicrotask(() => { if (composed) drawComposing(); });
  });
  function drawComposing() {
    const {form, state} = composed, text = written();
    form.querySelectorAll(".boxes b").forEach((box, i) => { if (i === state.at) box.textContent = text; });
  }
  on("compositionend", () => {
    if (!composed) return;
    const {form, state} = composed, text = written();
    composed = null;
    const next = state.full ? null : boxes.put(state, text);
    hold(form, next || state);
  });
  on("input", event => {
    const form = formOf(event.target);
    if (!form) return;
    if (composed) drawComposing();
    else draw(form);
  });
  on("pointerdown", event => {
    const box = event.target.closest && event.target.closest(".boxes b"), form = box && box.closest("form");
    if (!form) return;
    event.preventDefault();
    input(form).focus({preventScroll: true});
    hold(form, boxes.go({...stateOf(form), full: false}, [...box.parentElement.children].indexOf(box)));
  });
  on("review:focus", event => {
    if (event.detail.row.matches("[data-boxes]")) requestAnimationFrame(() => begin(event.detail.row));
  });
  addEventListener("resize", () => {
    const form = document.activeElement && formOf(document.activeElement);
    if (form) draw(form);
  });
})();
