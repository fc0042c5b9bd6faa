// Placing by hand: the outline of a template is laid over a page by its four
// corners, with the mouse or with keys alone.
"use strict";

addEventListener("DOMContentLoaded", () => {
  const element = document.getElementById("viewer"), form = document.getElementById("placing");
  const template = document.getElementById("template");
  const {viewer, group, width, part} = openPage(element);
  if (!template) return; // there is none to place

  const size = {x: width, y: Number(element.dataset.height)}; // page px
  const handles = [...element.querySelectorAll(".corner")];
  const field = document.getElementById("corners"), said = document.getElementById("said");
  const print = document.getElementById("print");
  const ghost = element.appendChild(document.createElement("div"));
  ghost.className = "ghost";

  let corners = [];    // page px, clockwise from the top left corner of the form
  let sheet = null;    // the template: its width, height and boxes
  let turns = 0;       // quarters of a turn, clockwise, of corners nobody has touched
  let touched = false; // a person has moved a corner
  let before = null;   // corners, and by how many quarters they have been turned since
  let asked = 0;       // counts what the server is asked, so that late answers are left

  // The homography that carries the template onto the corners, as Heckbert
  // has it: from the unit square, and so from the sheet.
  function homography() {
    const [p0, p1, p2, p3] = corners;
    const dx1 = p1.x - p2.x, dx2 = p3.x - p2.x, sx = p0.x - p1.x + p2.x - p3.x;
    const dy1 = p1.y - p2.y, dy2 = p3.y - p2.y, sy = p0.y - p1.y + p2.y - p3.y;
    const det = dx1 * dy2 - dx2 * dy1;
    const g = (sx * dy2 - dx2 * sy) / det, h = (dx1 * sy - sx * dy1) / det;
    const w = sheet.width, v = sheet.height;
    return [
      (p1.x - p0.x + g * p1.x) / w, (p3.x - p0.x + h * p3.x) / v, p0.x,
      (p1.y - p0.y + g * p1.y) / w, (p3.y - p0.y + h * p3.y) / v, p0.y,
      g / w, h / v, 1,
    ];
  }

  function carry(m, x, y) {
    const w = m[6] * x + m[7] * y + m[8];
    return {x: (m[0] * x + m[1] * y + m[2]) / w, y: (m[3] * x + m[4] * y + m[5]) / w};
  }

  // folded reports whether the form would be folded over or mirrored.
  function folded() {
    return corners.some((p, i) => {
      const q = corners[(i + 1) % 4], r = corners[(i + 2) % 4];
      return (q.x - p.x) * (r.y - q.y) - (q.y - p.y) * (r.x - q.x) < 1;
    });
  }

  const written = points => points.map(p => `${p.x.toFixed(1)},${p.y.toFixed(1)}`).join(" ");
  const read = text => text.split(" ").map(p => {
    const [x, y] = p.split(",").map(Number);
    return {x, y};
  });

  // draw shows the form at the corners.
  function draw() {
    if (!sheet || !viewer.isOpen()) return;
    const bad = folded();
    field.value = written(corners);
    form.querySelector("[data-do=read]").disabled = bad;
    form.querySelector("[data-do=fit]").disabled = bad;
    if (bad) say(form.dataset.folded, true);
    const edge = polygon(field.value);
    edge.classList.add("edge");
    edge.classList.toggle("bad", bad);
    const shapes = [edge];
    if (!bad) {
      const m = homography();
      for (const [x, y, w, h] of sheet.boxes) {
        shapes.push(polygon(written([carry(m, x, y), carry(m, x + w, y), carry(m, x + w, y + h), carry(m, x, y + h)])));
      }
    }
    group.replaceChildren(...shapes);
    follow();
  }

  // follow keeps the handles and the template's print where the page is.
  function follow() {
    if (!sheet || !viewer.isOpen()) return;
    handles.forEach((handle, i) => {
      const at = toScreen(corners[i]);
      handle.style.transform = `translate(${at.x}px, ${at.y}px)`;
    });
    ghost.hidden = !print.checked || folded();
    if (ghost.hidden) return;
    const m = homography(), k = scale(), zero = toScreen({x: 0, y: 0});
    // Column by column: the homography, then the scale and place of the page on the screen.
    ghost.style.transform = `matrix3d(${[
      k * m[0] + zero.x * m[6], k * m[3] + zero.y * m[6], 0, m[6],
      k * m[1] + zero.x * m[7], k * m[4] + zero.y * m[7], 0, m[7],
      0, 0, 1, 0,
      k * m[2] + zero.x * m[8], k * m[5] + zero.y * m[8], 0, m[8],
    ].join(",")})`;
  }

  const toScreen = p => viewer.viewport.pixelFromPoint(new OpenSeadragon.Point(p.x / width, p.y / width), true);
  const scale = () => toScreen({x: 1, y: 0}).x - toScreen({x: 0, y: 0}).x; // screen px a page px

  function say(words, wrong) {
    said.textContent = words;
    said.classList.toggle("wrong", Boolean(wrong));
  }

  // contained returns the corners of the form when it is as large as the page
  // allows, turned as it is.
  function contained() {
    const [w, h] = turns % 2 ? [sheet.height, sheet.width] : [sheet.width, sheet.height];
    const at = {x: part.x * width, y: part.y * width, w: part.width * width, h: part.height * width};
    const k = Math.min(at.w / w, at.h / h), x = at.x + (at.w - k * w) / 2, y = at.y + (at.h - k * h) / 2;
    const rect = [{x, y}, {x: x + k * w, y}, {x: x + k * w, y: y + k * h}, {x, y: y + k * h}];
    return rect.map((_, i) => rect[(i + turns) % 4]);
  }

  // turn turns the form by a quarter, clockwise for 1 and back for 3, about its
  // middle. Where it would stick out of the page it is laid on the whole page.
  function turn(quarters) {
    asked++;
    say("");
    if (!touched) {
      turns = (turns + quarters) % 4;
      corners = contained();
      draw();
      return;
    }
    before ||= {corners, quarters: 0};
    before.quarters = (before.quarters + quarters) % 4;
    corners = before.corners;
    const middle = {x: 0, y: 0};
    for (const p of corners) {
      middle.x += p.x / 4;
      middle.y += p.y / 4;
    }
    for (let i = 0; i < before.quarters; i++) {
      corners = corners.map(p => ({x: middle.x - (p.y - middle.y), y: middle.y + (p.x - middle.x)}));
    }
    const slack = 0.1 * Math.min(size.x, size.y);
    const out = p => p.x < -slack || p.y < -slack || p.x > size.x + slack || p.y > size.y + slack;
    if (before.quarters && corners.some(out)) {
      const up = Math.atan2(corners[1].y - corners[0].y, corners[1].x - corners[0].x);
      turns = (Math.round(up / (Math.PI / 2)) + 4) % 4;
      corners = contained();
    }
    draw();
  }

  // ask has the server say where the print is: near the corners, or anywhere.
  async function ask(near, unasked) {
    const mine = ++asked;
    const body = new URLSearchParams({template: template.value, corners: near ? field.value : ""});
    if (!unasked) say(form.dataset.working);
    let answer, text;
    try {
      answer = await outbox.asPerson(form.dataset.fit, {method: "POST", body, headers: {"HX-Request": "true"}});
      text = await answer.text();
    } catch {
      if (mine === asked && !unasked) say(form.dataset.broken, true);
      return;
    }
    if (mine !== asked) return;
    if (!answer.ok) {
      if (!unasked) say(text, true);
      return;
    }
    const found = JSON.parse(text);
    corners = read(found.corners);
    touched = true;
    before = null;
    say(found.words);
    draw();
  }

  // choose shows the chosen template: where it was found to lie, where the
  // corners are that somebody has set, or as large as the page.
  async function choose() {
    const mine = ++asked;
    const answer = await outbox.asPerson(`/templates/${template.value}/outline`);
    if (!answer.ok || mine !== asked) return;
    sheet = await answer.json();
    ghost.style.width = sheet.width + "px";
    ghost.style.height = sheet.height + "px";
    ghost.style.backgroundImage = `url("/templates/${template.value}/picture?version=${sheet.version}")`;
    if (field.dataset.initial && template.value === template.dataset.chosen) {
      corners = read(field.dataset.initial);
      touched = true;
      field.dataset.initial = "";
    } else if (!touched) {
      corners = contained();
      draw();
      ask(false, true);
      return;
    }
    draw();
  }

  // move moves a corner by screen pixels and keeps it in view.
  function move(i, x, y) {
    const k = scale();
    corners = corners.with(i, {x: corners[i].x + x / k, y: corners[i].y + y / k});
    touched = true;
    before = null;
    asked++;
    say("");
    draw();
  }

  function reveal(i) {
    if (!sheet || !viewer.isOpen()) return;
    const at = toScreen(corners[i]), box = viewer.viewport.getContainerSize();
    if (at.x < 0 || at.y < 0 || at.x > box.x || at.y > box.y) {
      viewer.viewport.panTo(new OpenSeadragon.Point(corners[i].x / width, corners[i].y / width));
    }
  }

  // zoom shows a corner large, or all again.
  function zoom(i) {
    if (viewer.viewport.getZoom() > 1.5 * viewer.viewport.getHomeZoom()) {
      all();
    } else {
      viewer.viewport.zoomTo(4 * viewer.viewport.getHomeZoom());
      viewer.viewport.panTo(new OpenSeadragon.Point(corners[i].x / width, corners[i].y / width));
    }
  }

  // all shows the page with a margin, for corners that lie outside of it.
  function all(immediately) {
    const margin = 0.05;
    viewer.viewport.fitBounds(new OpenSeadragon.Rect(part.x - margin, part.y - margin, part.width + 2 * margin, part.height + 2 * margin), immediately);
  }

  handles.forEach((handle, i) => {
    handle.addEventListener("pointerdown", event => {
      event.preventDefault();
      handle.focus();
      handle.setPointerCapture(event.pointerId);
    });
    handle.addEventListener("pointermove", event => {
      if (handle.hasPointerCapture(event.pointerId)) move(i, event.movementX, event.movementY);
    });
    handle.addEventListener("focus", () => reveal(i));
  });

  const arrows = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
  const chosen = () => handles.indexOf(document.activeElement);

  addEventListener("keydown", event => {
    if (!sheet || event.ctrlKey || event.altKey || event.metaKey) return;
    const corner = chosen(), typing = event.target === template;
    if (event.key in arrows && corner >= 0) {
      const [x, y] = arrows[event.key], far = event.shiftKey ? 10 : 1;
      move(corner, x * far, y * far);
      reveal(corner);
    } else if (event.key === "Enter" && (corner >= 0 || typing || event.target === document.body)) {
      form.requestSubmit();
    } else if (event.key === "Escape") {
      location.href = document.querySelector(".placing").dataset.back;
    } else if (typing) {
      return; // letters and digits find templates in the list
    } else if (/^Digit[1-4]$/.test(event.code) && !event.shiftKey) {
      handles[Number(event.code[5]) - 1].focus();
    } else if (event.code === "KeyZ") {
      zoom(Math.max(0, corner));
    } else if (event.code === "KeyR") {
      turn(event.shiftKey ? 3 : 1);
    } else if (event.code === "KeyF" && !folded()) {
      ask(true);
    } else {
      return;
    }
    event.preventDefault();
  });

  form.addEventListener("click", event => {
    switch (event.target.dataset.do) {
    case "left": turn(3); break;
    case "right": turn(1); break;
    case "find": ask(false); break;
    case "fit": ask(true); break;
    }
  });
  form.addEventListener("submit", event => {
    if (!sheet || folded()) event.preventDefault();
  });
  template.addEventListener("change", choose);
  print.addEventListener("change", follow);
  element.querySelector("[data-zoom=fit]").addEventListener("click", () => all());
  viewer.addHandler("update-viewport", follow);
  viewer.addHandler("open", () => {
    all(true);
    draw();
  });
  handles[0].focus();
  choose();
});
