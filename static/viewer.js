// The picture of a page, with a drawing on it that moves and grows with it.
"use strict";

// openPage shows the page whose address and size element says. It returns the
// viewer, the group of the drawing, whose coordinates are pixels of the page,
// how many pixels the page is wide, and the part of the picture to look at, as
// the library has it; and size, which takes both from element once more.
function openPage(element) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const group = svg.appendChild(document.createElementNS(svg.namespaceURI, "g"));
  svg.classList.add("outlines");

  // The library adds rules of its own, which the content security policy
  // refuses with an error, unless it finds that it has done so.
  const added = document.createElementNS("urn:none", "style");
  added.setAttribute("data-openseadragon-mobile-css", "true");
  document.head.appendChild(added);
  const viewer = OpenSeadragon({
    element,
    tileSources: {type: "image", url: element.dataset.image},
    drawer: "canvas",
    showNavigationControl: false,
    gestureSettingsMouse: {clickToZoom: false, dblClickToZoom: true},
    animationTime: 0.25,
    springStiffness: 10,
    maxZoomPixelRatio: 4,
    visibilityRatio: 0.6,
    keyboardNavEnabled: false,
  });
  const page = {viewer, group, size, width: 0, part: null};
  viewer.innerTracker.keyHandler = null; // the keys belong to the forms
  viewer.canvas.appendChild(svg);
  viewer.canvas.tabIndex = -1;

  // size takes the size of the page, and of its part, from element.
  function size() {
    const width = page.width = Number(element.dataset.width);
    const part = (element.dataset.part || `0,0,${width},${element.dataset.height}`).split(",").map(v => v / width);
    page.part = new OpenSeadragon.Rect(...part);
  }

  // follow lays the drawing over the page, wherever that lies and however it is turned.
  function follow() {
    const at = (x, y) => viewer.viewport.pixelFromPoint(new OpenSeadragon.Point(x, y), true);
    const zero = at(0, 0), right = at(1, 0), down = at(0, 1), w = page.width;
    group.setAttribute("transform", `matrix(${(right.x - zero.x) / w} ${(right.y - zero.y) / w} ${(down.x - zero.x) / w} ${(down.y - zero.y) / w} ${zero.x} ${zero.y})`);
  }
  viewer.addHandler("update-viewport", follow);
  viewer.addHandler("open", follow);
  element.querySelector("[data-zoom=in]").addEventListener("click", () => viewer.viewport.zoomBy(1.4));
  element.querySelector("[data-zoom=out]").addEventListener("click", () => viewer.viewport.zoomBy(1 / 1.4));
  size();
  return page;
}

// polygon adds a shape to the drawing; points are in its coordinates.
function polygon(points) {
  const shape = document.createElementNS("http://www.w3.org/2000/svg", "polygon");
  shape.setAttribute("points", points);
  return shape;
}
