// The tests of a template: files are sent as soon as they are dropped or chosen.
"use strict";

addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("samples");
  const input = document.getElementById("files");
  const drop = form.querySelector(".drop");
  const bar = document.getElementById("progress");
  const said = document.getElementById("sending");
  let sending = false;
  input.classList.add("unseen"); // what is chosen is sent at once

  // send hands the chosen files in, unless they are more than is taken.
  function send() {
    const files = [...input.files];
    if (sending || !files.length) return;
    said.textContent = files.length > Number(form.dataset.files) ? form.dataset.tooMany :
      files.reduce((n, f) => n + f.size, 0) > Number(form.dataset.bytes) ? form.dataset.tooLarge : "";
    if (said.textContent) input.value = "";
    else form.requestSubmit();
  }
  input.addEventListener("change", send);

  // Files may be dropped anywhere: one that misses must not replace the page.
  const brings = event => event.dataTransfer.types.includes("Files");
  for (const type of ["dragenter", "dragover"]) {
    document.addEventListener(type, event => {
      if (!brings(event)) return;
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  document.addEventListener("dragleave", event => {
    if (!event.relatedTarget) drop.classList.remove("over");
  });
  document.addEventListener("drop", event => {
    if (!brings(event)) return;
    event.preventDefault();
    drop.classList.remove("over");
    if (sending) return;
    input.files = event.dataTransfer.files;
    send();
  });

  function busy(is) {
    sending = is;
    bar.hidden = !is;
    bar.value = 0;
    said.textContent = "";
    input.disabled = is;
  }
  form.addEventListener("htmx:beforeSend", () => busy(true));
  form.addEventListener("htmx:xhr:progress", event => {
    if (!event.detail.lengthComputable) return;
    bar.value = 100 * event.detail.loaded / event.detail.total;
    said.textContent = event.detail.loaded < event.detail.total ? form.dataset.sending : form.dataset.storing;
  });
  form.addEventListener("htmx:afterRequest", () => {
    busy(false);
    input.value = "";
  });
});
