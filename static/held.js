// Keys that come while there is nothing to type them into: the next page is on
// its way. They are kept, and pressed once it is there.
"use strict";

const held = (() => {
  let holder = null; // what is typed into meanwhile, so that an input method can work
  let list = [];     // of {text} and {key}, in their order
  let took = false;  // the last key that went down is kept

  const plain = ({key, code, ctrlKey, altKey, metaKey, shiftKey}) => ({key, code, ctrlKey, altKey, metaKey, shiftKey, repeat: false, isComposing: false, keyCode: 0});

  function note(text) {
    const last = list.at(-1);
    if (last && last.text !== undefined) last.text += text;
    else list.push({text});
  }

  // take notes a key. What an input method makes of its keys comes later, as a text.
  function take(event) {
    event.stopImmediatePropagation();
    if (keys.composing(event)) return;
    if (["Control", "Shift", "Alt", "Meta", "CapsLock", "HangulMode"].includes(event.key)) return;
    event.preventDefault();
    took = true;
    if (event.repeat) return;
    if (event.key.length === 1 && !event.ctrlKey && !event.altKey && !event.metaKey) note(event.key);
    else list.push({key: plain(event)});
  }

  // start keeps keys from now on, unless it does so already.
  function start() {
    if (holder) {
      holder.focus({preventScroll: true});
      return;
    }
    holder = Object.assign(document.createElement("textarea"), {className: "unseen", ariaLabel: document.title});
    document.body.append(holder);
    holder.focus({preventScroll: true});
    holder.addEventListener("compositionend", event => {
      note(event.data);
      holder.value = "";
    });
    holder.addEventListener("paste", event => note(event.clipboardData.getData("text")));
    addEventListener("keydown", take, true);
  }

  // stop ends that and returns what was kept.
  function stop() {
    if (!holder) return [];
    removeEventListener("keydown", take, true);
    holder.remove();
    holder = null;
    const all = list;
    list = [];
    return all;
  }

  // press does what the kept keys would have done. Each goes to what has the focus
  // by then; where one of them has keys kept again, so is what is left.
  function press(all) {
    all.forEach(one => {
      if (holder) {
        list.push(one);
      } else if (one.text !== undefined) {
        write(one.text);
      } else {
        const event = {...one.key, target: document.activeElement, defaultPrevented: false, preventDefault() {}};
        if (!keys.press(event)) edit(event);
      }
    });
  }

  // write types a text into what has the focus. A space toggles a checkbox.
  function write(text) {
    const field = document.activeElement;
    if (field.type === "checkbox") for (const c of text) {
      if (c === " ") field.click();
    } else if (field.matches("input, textarea")) insert(field, text);
  }
  function insert(field, text) {
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new InputEvent("input", {bubbles: true, data: text, inputType: "insertText"}));
  }

  // edit does what the keys do by themselves that people press blindly.
  function edit({key, shiftKey}) {
    const field = document.activeElement;
    if (key === "Tab") {
      const all = [...document.querySelectorAll(":is(.values, .second) :is([name=text], [name=checked])")], next = all[all.indexOf(field) + (shiftKey ? -1 : 1)];
      if (next) next.focus();
    } else if ((key === "Delete" || key === "Backspace") && field.setRangeText && field.type !== "checkbox") {
      if (field.selectionStart === field.selectionEnd) {
        const at = field.selectionStart;
        field.setSelectionRange(key === "Delete" ? at : Math.max(0, at - 1), key === "Delete" ? at + 1 : at);
      }
      insert(field, "");
    }
  }

  // The character of a key that is kept may come when the next page has the focus
  // already: there it would stand twice.
  if (typeof document === "object") {
    addEventListener("keydown", () => { took = false; }, true);
    addEventListener("keypress", event => { if (took) event.preventDefault(); }, true);
  }

  return {start, stop, press, get on() { return holder !== null; }};
})();
