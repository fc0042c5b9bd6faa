// The picture of the page that is reviewed, with the outlines of its fields. It
// stays from page to page: only what it shows changes.
"use strict";

// openPicture shows pages in element. choose is told the row of an outline that
// was pressed.
function openPicture(element, choose) {
  const place = "seosik.zoom"; // in the browser: of the width that fits, from day to day
  let page = null;
  let image = null;  // of the page that is shown, once it is there
  let coming = null; // the next page's: {url, item, done}
  let over = null;   // what lies over the image, in the same place: {url, item}
  let shown = null;  // the row whose field has the focus
  let theirs = false; // the zoom changes because a person wants it, and not because a field needs it

  const kept = () => Math.min(20, Math.max(.2, Number(storage.local.getItem(place)) || 1));

  // open shows the page that element tells of.
  function open() {
    uncover();
    if (!element.dataset.image) {
      forget(image);
      image = null;
      return;
    }
    if (!page) {
      page = openPage(element);
      page.viewer.addHandler("open", () => {
        image = page.viewer.world.getItemAt(0);
        frame(true);
      });
      for (const type of ["canvas-scroll", "canvas-pinch", "canvas-double-click"]) page.viewer.addHandler(type, wanted);
      page.viewer.addHandler("zoom", event => {
        if (theirs) storage.local.setItem(place, String(event.zoom * page.part.width));
      });
      page.viewer.addHandler("resize", () => setTimeout(() => frame(true)));
      return;
    }
    page.size();
    const before = image, {url, item} = coming || {}, there = url === element.dataset.image;
    if (coming && !there) drop();
    if (!there) preload(element.dataset.image);
    page.viewer.viewport.setRotation(0, true);
    const mine = coming;
    const show = now => {
      if (mine !== coming) { // another page is wanted by now
        forget(now);
        return;
      }
      coming = null;
      image = now;
      now.setOpacity(1);
      forget(before);
      frame(true);
    };
    if (there && item) show(item);
    else {
      if (before) before.setOpacity(0);
      mine.done = show;
    }
  }

  // wanted says that what follows in this moment is what a person does.
  function wanted() {
    theirs = true;
    setTimeout(() => { theirs = false; });
  }

  // preload gets a picture ready that is not shown yet.
  function preload(url) {
    if (!page || !page.viewer.isOpen() || !url || coming && coming.url === url) return;
    drop();
    const mine = coming = {url, item: null, done: null};
    page.viewer.addTiledImage({
      tileSource: {type: "image", url}, opacity: 0, preload: true,
      success: ({item}) => {
        if (mine.done) mine.done(item);
        else if (mine === coming) mine.item = item;
        else forget(item);
      },
    });
  }

  // lay shows another picture of the page over its image, or the image again for none.
  // It promises true once it is there, false where it does not come, and null where
  // something else is wanted by then.
  function lay(url) {
    if (!page || !page.viewer.isOpen()) return Promise.resolve(false);
    if (over && over.url === url && over.item) over.item.setOpacity(1);
    else if (over && !url && over.item) over.item.setOpacity(0);
    else if (!url) uncover();
    else {
      uncover();
      const mine = over = {url, item: null};
      return new Promise(done => page.viewer.addTiledImage({
        tileSource: {type: "image", url},
        success: ({item}) => {
          if (mine !== over) forget(item);
          else mine.item = item;
          done(mine === over ? true : null);
        },
        error: () => {
          if (mine === over) over = null;
          done(mine.item ? null : false);
        },
      }));
    }
    return Promise.resolve(true);
  }

  function uncover() {
    if (over) forget(over.item);
    over = null;
  }

  function drop() {
    if (coming) forget(coming.item);
    coming = null;
  }
  function forget(item) {
    if (item && page.viewer.world.getIndexOfItem(item) >= 0) page.viewer.world.removeItem(item);
  }

  const corners = row => row.dataset.outline.split(" ").map(p => p.split(",").map(Number));

  // onScreen returns the sides of what has corners in page px, in px of the
  // screen, where the picture goes.
  function onScreen(points) {
    const at = points.map(([x, y]) => page.viewer.viewport.pixelFromPoint(new OpenSeadragon.Point(x / page.width, y / page.width)));
    const xs = at.map(p => p.x), ys = at.map(p => p.y);
    return {left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys)};
  }
  const sheet = () => {
    const {x, y, width, height} = page.part, w = page.width;
    return onScreen([[x, y], [x + width, y], [x + width, y + height], [x, y + height]].map(([a, b]) => [a * w, b * w]));
  };

  // along returns how far to go so that the field, from a to b, is between the
  // sides with a margin, and the sheet, from p to q, is never off to one side.
  function along(a, b, p, q, length, margin) {
    if (q - p <= length) return (length - q - p) / 2;
    let by = 0;
    if (b - a > length - 2 * margin || a < margin) by = margin - a;
    else if (b > length - margin) by = length - margin - b;
    return Math.min(0, Math.max(length - q + p, p + by)) - p;
  }

  // frame brings the field that has the focus into view at a size that can be
  // read. The picture moves only where it must.
  function frame(instantly) {
    if (!page || !page.viewer.isOpen() || !element.dataset.image) return;
    const {viewport} = page.viewer, size = viewport.getContainerSize();
    if (size.x < 40 || size.y < 40) return; // it is folded away
    const lies = shown ? corners(shown) : [[0, 0], [1, 0], [1, 1], [0, 1]].map(([x, y]) => [(page.part.x + x * page.part.width) * page.width, page.part.y * page.width + y]);
    const least = Math.max(kept() / page.part.width, shown ? readable(lies, size) : 0), now = viewport.getZoom();
    if (instantly || now < least * .99 || now > least * 1.5) viewport.zoomTo(least, null, instantly);
    const field = onScreen(lies), whole = sheet();
    viewport.panBy(viewport.deltaPointsFromPixels(new OpenSeadragon.Point(
      -along(field.left, field.right, whole.left, whole.right, size.x, 24),
      -along(field.top, field.bottom, whole.top, whole.bottom, size.y, size.y * .15),
    )), instantly);
  }

  // readable returns the zoom at which a line of the field is 22 px high, or as
  // near to that as its width lets it.
  function readable(lies, size) {
    const [a, b, , d] = lies, length = (p, q) => Math.hypot(p[0] - q[0], p[1] - q[1]);
    const field = shown.querySelector("[name=text]"), lines = field ? field.value.split("\n").length : 1;
    const scale = Math.min(22 * lines / Math.max(1, length(a, d)), (size.x - 48) / Math.max(1, length(a, b)), 2);
    return scale * page.width / size.x;
  }

  // fit shows the whole width of the page again, and keeps to it.
  function fit() {
    storage.local.removeItem(place);
    if (!page) return;
    page.viewer.viewport.setRotation(0, true);
    frame(true);
  }

  // show marks the field of row and brings it into view.
  function show(row, instantly) {
    shown = row && row.dataset.outline ? row : null;
    if (!page) return;
    for (const shape of page.group.children) shape.classList.toggle("shown", shown !== null && shape.dataset.row === shown.id);
    frame(instantly);
  }

  // draw outlines the fields of all rows.
  function draw(rows) {
    if (!page) return;
    page.group.replaceChildren(...rows.filter(row => row.dataset.outline).map(row => {
      const shape = polygon(row.dataset.outline);
      shape.dataset.row = row.id;
      shape.classList.toggle("beside", row.matches(".margin-row"));
      shape.classList.toggle("veiled", row.matches(".veiled"));
      shape.classList.toggle("doubtful", row.hasAttribute("data-doubtful"));
      shape.classList.toggle("shown", shown !== null && shown.id === row.id);
      shape.addEventListener("pointerup", event => {
        if (event.button === 0) choose(document.getElementById(row.id));
      });
      return shape;
    }));
  }

  const zoom = by => {
    if (!page) return;
    wanted();
    page.viewer.viewport.zoomBy(by);
  };
  const turn = by => page && page.viewer.viewport.rotateBy(by);
  const pan = (x, y) => {
    if (!page) return;
    const {viewport} = page.viewer;
    viewport.panBy(viewport.deltaPointsFromPixels(new OpenSeadragon.Point(x, y)));
  };
  element.querySelector("[data-zoom=in]")?.addEventListener("click", wanted, true);
  element.querySelector("[data-zoom=out]")?.addEventListener("click", wanted, true);
  element.querySelector("[data-zoom=fit]")?.addEventListener("click", fit);
  element.querySelector("[data-zoom=turn]")?.addEventListener("click", () => turn(90));
  return {open, preload, lay, draw, show, fit, zoom, turn, pan, ready: url => Boolean(coming && coming.url === url && coming.item)};
}
