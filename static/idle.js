// Nobody may read over a desk that its person has left: after the idle time the page
// is covered, and asks for the password in place. What was typed stays. A minute
// before that it says so, and any key or click, in whichever tab, keeps the session.
"use strict";

// until returns when a session is over: idle ms after the person was last there, and
// at its end whatever the person does.
const until = (there, idle, end) => Math.min(there + idle, end);

// standing says how a page stands at a time: "open", "soon" (covered in a minute, or
// half the idle time), "last" (the same, and no key helps) or "over".
function standing(now, there, idle, end) {
  const at = until(there, idle, end);
  if (now >= at) return "over";
  if (now < at - Math.min(60e3, idle / 2)) return "open";
  return at === end ? "last" : "soon";
}

if (typeof document === "object") (() => {
  const often = 5000; // ms between looks at the clock: timers stand still while a computer sleeps
  let element, place, idle, there, end, told = 0, timer = 0, telling = 0;
  let gone = Promise.resolve(); // once the server, too, takes the person to have left

  const covered = () => document.getElementById("relogin").open;

  // lately returns when the person was last there, in whichever tab. Clocks are set
  // back: what is said to have been later than now does not keep a page open.
  function lately() {
    const now = Date.now(), elsewhere = Number(storage.local.getItem(place)) || 0;
    there = Math.min(there, now);
    return elsewhere > now ? there : Math.max(there, elsewhere);
  }

  // tell has the server know that the person is there, and hears how long the session
  // lives. It promises whether there still is one.
  async function tell() {
    told = Date.now();
    try {
      const answer = await outbox.asPerson("/account/here", {method: "POST"}, false);
      if (answer.ok) end = Date.now() + (await answer.json()).life;
      return answer.ok;
    } catch {
      return false; // without the server, too, the page is covered in time
    }
  }

  // active notes that the person is there. The server hears of it at once, and then
  // once a minute while that goes on.
  function active(event) {
    if (covered()) return;
    if (standing(Date.now(), lately(), idle, end) === "over") { // and nothing has looked at the clock since
      event.stopImmediatePropagation();
      if (event.cancelable) event.preventDefault();
      return look();
    }
    there = Date.now();
    storage.local.setItem(place, there);
    if (!telling) telling = setTimeout(() => {
      telling = 0;
      tell();
    }, Math.max(0, told + Math.min(60e3, idle / 4) - there));
    look();
  }

  function look() {
    clearTimeout(timer);
    if (covered()) return;
    const now = Date.now(), state = standing(now, lately(), idle, end);
    element.textContent = state === "soon" || state === "last" ? element.dataset[state] : "";
    if (state === "over") return cover();
    const at = until(lately(), idle, end), soon = at - Math.min(60e3, idle / 2);
    timer = setTimeout(look, Math.min(Math.max(50, (now < soon ? soon : at) - now), often));
  }

  // cover ends the session, for who comes by could load the page again; unless the
  // session lives on, by a log-in in another tab.
  async function cover() {
    const left = lately() + idle <= Date.now();
    if (!left && await tell()) return look();
    outbox.ask();
    if (left) gone = leave();
  }

  // leave ends the session, however often that takes: while it lives, who comes by
  // could go on with it.
  async function leave() {
    while (covered()) {
      const answer = await outbox.asPerson("/account/leave", {method: "POST", keepalive: true}).catch(() => null);
      if (answer && (answer.ok || answer.status === 401)) return;
      await new Promise(done => setTimeout(done, often));
    }
  }

  // again looks whether the person has logged in elsewhere since.
  async function again() {
    if (!covered()) return look();
    await gone;
    if (!covered() || !await tell()) return;
    outbox.goOn();
    loggedIn();
  }

  function loggedIn() {
    there = Date.now();
    storage.local.setItem(place, there);
    tell().then(look);
  }

  addEventListener("DOMContentLoaded", () => {
    element = document.getElementById("idle");
    if (!element) return;
    idle = Number(element.dataset.idle);
    there = Date.now() - Number(element.dataset.since);
    end = Date.now() + Number(element.dataset.life);
    place = "seosik.here." + element.dataset.user;
    storage.local.setItem(place, lately()); // other pages may be covered
    for (const type of ["keydown", "pointerdown", "wheel"]) addEventListener(type, active, {capture: true, passive: type === "wheel"});
    addEventListener("outbox:loggedin", loggedIn);
    addEventListener("outbox:again", again);
    addEventListener("storage", event => event.key === place && again());
    addEventListener("focus", again);
    addEventListener("pageshow", look);
    document.addEventListener("visibilitychange", look);
    look();
  });
})();

if (typeof module === "object") module.exports = {until, standing};
