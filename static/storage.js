// What the browser keeps for the pages: local stays from day to day, tab as long as
// the tab. Where it is forbidden or full, things are kept until the page is left, and
// lasts says that.
"use strict";

// makeStorage is as the storage that find returns, which may throw, as its parts may.
function makeStorage(find) {
  const here = new Map(); // what it would not take
  let real = null;
  // attempt returns what act does with it, or null.
  const attempt = act => {
    try {
      real ??= find();
      return act();
    } catch {
      return null;
    }
  };
  attempt(() => real.length);
  return {
    get lasts() { return real !== null && here.size === 0; },
    keys: () => [...new Set([...attempt(() => Array.from({length: real.length}, (_, i) => real.key(i))) || [], ...here.keys()])],
    getItem: key => here.get(key) ?? attempt(() => real.getItem(key)),
    setItem(key, value) {
      here.set(key, String(value));
      attempt(() => {
        real.setItem(key, value);
        here.delete(key);
      });
    },
    removeItem(key) {
      here.delete(key);
      attempt(() => real.removeItem(key));
    },
    clear() {
      here.clear();
      attempt(() => real.clear());
    },
  };
}

const storage = {local: makeStorage(() => localStorage), tab: makeStorage(() => sessionStorage)};

if (typeof module === "object") module.exports = {makeStorage};
