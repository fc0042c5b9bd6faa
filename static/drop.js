// Files may be dropped on a label around their input, and a form is sent once.
"use strict";

document.querySelectorAll("form[data-drop]").forEach(function (form) {
  const input = form.querySelector("input[type=file]"), label = input.closest(".drop");

  label.addEventListener("dragover", function (e) {
    e.preventDefault();
    label.classList.add("over");
  });
  label.addEventListener("dragleave", function () { label.classList.remove("over"); });
  label.addEventListener("drop", function (e) {
    e.preventDefault();
    label.classList.remove("over");
    if (e.dataTransfer.files.length) input.files = e.dataTransfer.files;
  });

  // Sending takes a while, and says so.
  form.addEventListener("submit", function () {
    const button = form.querySelector("button.main");
    button.textContent = form.dataset.drop;
    setTimeout(function () { button.disabled = true; });
  });
  window.addEventListener("pageshow", function (e) { if (e.persisted) location.reload(); });
});
