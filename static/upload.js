// The upload page: drop files, see which are chosen, see how far they are sent.
"use strict";

(function () {
  const form = document.getElementById("upload");
  if (!form) return;
  const input = document.getElementById("files");
  const drop = form.querySelector(".drop");
  const chosen = document.getElementById("chosen");
  const button = form.querySelector("button.main");
  const bar = document.getElementById("progress");
  const text = document.getElementById("progress-text");
  const cancel = document.getElementById("cancel");
  const notice = document.getElementById("notice");
  const limit = {
    file: Number(form.dataset.fileBytes),
    all: Number(form.dataset.allBytes),
    files: Number(form.dataset.allFiles),
  };
  let files = []; // what will be sent, in the order of choosing

  // The list says what is chosen, in the language of the page.
  input.classList.add("unseen");

  function size(bytes) {
    return bytes < 1 << 20 ? Math.ceil(bytes / 1024) + " KB" : (bytes / (1 << 20)).toFixed(1) + " MB";
  }

  // The input holds what the page shows, so that the form can also be sent
  // without this script.
  function choose(list) {
    files = list;
    const transfer = new DataTransfer();
    files.forEach(function (f) { transfer.items.add(f); });
    input.files = transfer.files;
    chosen.replaceChildren(...files.map(row));
    text.textContent = tooMuch() ? form.dataset.tooLarge : "";
    button.disabled = !files.length || tooMuch();
  }

  function tooMuch() {
    return files.length > limit.files || files.reduce(function (n, f) { return n + f.size; }, 0) > limit.all;
  }

  function row(file, i) {
    const li = document.createElement("li");
    const name = document.createElement("span");
    name.className = "cut";
    name.textContent = name.title = file.name;
    const bytes = document.createElement("span");
    bytes.className = "number soft";
    bytes.textContent = size(file.size);
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "plain";
    remove.textContent = form.dataset.remove;
    remove.setAttribute("aria-label", form.dataset.remove + " " + file.name);
    remove.addEventListener("click", function () {
      choose(files.filter(function (_, j) { return j !== i; }));
      (chosen.querySelectorAll("button")[Math.min(i, files.length - 1)] || input).focus();
    });
    li.append(name, bytes, remove);
    if (file.size > limit.file) {
      const why = document.createElement("span");
      why.className = "wrong";
      why.textContent = form.dataset.fileTooLarge;
      li.append(why);
    }
    return li;
  }

  function add(list) {
    const known = new Set(files.map(key));
    choose(files.concat(Array.from(list).filter(function (f) { return !known.has(key(f)); })));
  }

  function key(f) { return [f.name, f.size, f.lastModified].join("/"); }

  input.addEventListener("change", function () {
    add(input.files);
    if (!button.disabled) button.focus();
  });

  // Files may be dropped anywhere: one that misses must not replace the page.
  ["dragenter", "dragover"].forEach(function (type) {
    document.addEventListener(type, function (e) {
      if (!e.dataTransfer.types.includes("Files")) return;
      e.preventDefault();
      drop.classList.add("over");
    });
  });
  document.addEventListener("dragleave", function (e) {
    if (!e.relatedTarget) drop.classList.remove("over");
  });
  document.addEventListener("drop", function (e) {
    if (!e.dataTransfer.types.includes("Files")) return;
    e.preventDefault();
    drop.classList.remove("over");
    if (sending) return;
    add(e.dataTransfer.files);
    button.focus();
  });

  let sending = null;

  form.addEventListener("submit", function (e) {
    e.preventDefault();
    if (!sending && files.length) send();
  });
  cancel.addEventListener("click", function () { if (sending) sending.abort(); });

  function send() {
    const xhr = new XMLHttpRequest();
    busy(xhr);
    xhr.upload.addEventListener("progress", function (e) {
      if (!e.lengthComputable) return;
      bar.value = 100 * e.loaded / e.total;
      text.textContent = e.loaded < e.total
        ? form.dataset.sending + " " + Math.floor(bar.value) + " % · " + size(e.loaded) + " / " + size(e.total)
        : form.dataset.storing;
    });
    xhr.addEventListener("load", function () {
      const to = xhr.getResponseHeader("HX-Redirect");
      if (to) { location.assign(to); return; }
      const seconds = Number(xhr.getResponseHeader("Retry-After"));
      const plain = (xhr.getResponseHeader("Content-Type") || "").startsWith("text/plain");
      if ((xhr.status === 503 || xhr.status === 507) && seconds) { pause(seconds, plain ? xhr.responseText : ""); return; }
      busy(null);
      if (xhr.status === 401) { outbox.ask(); return; }
      notice.textContent = plain ? xhr.responseText : notice.dataset.broken;
    });
    xhr.addEventListener("error", function () { busy(null); notice.textContent = notice.dataset.offline; });
    xhr.addEventListener("abort", function () { busy(null); });
    xhr.open("POST", form.action);
    xhr.setRequestHeader("HX-Request", "true");
    xhr.setRequestHeader("X-Person", outbox.person);
    xhr.send(new FormData(form));
  }

  // The server has its hands or its disk full, and says when to come again.
  function pause(seconds, why) {
    const timer = setTimeout(send, 1000 * seconds);
    const at = new Date(Date.now() + 1000 * seconds).toLocaleTimeString(document.documentElement.lang, { timeStyle: "medium" });
    busy({ abort: function () { clearTimeout(timer); busy(null); } });
    text.textContent = (why + " " + form.dataset.waiting.replace("{at}", at)).trim();
  }

  function busy(xhr) {
    sending = xhr;
    notice.textContent = "";
    text.textContent = "";
    bar.value = 0;
    bar.hidden = cancel.hidden = !xhr;
    button.disabled = Boolean(xhr);
    form.toggleAttribute("aria-busy", Boolean(xhr));
  }

  // Coming back by the browser's button, it may have kept what was chosen.
  choose(Array.from(input.files));
})();
