// What the pages need beyond htmx. Everything works without it.
"use strict";

(function () {
  const notice = document.getElementById("notice");

  // Errors that answer a request of htmx are a sentence.
  function say(sentence) { notice.textContent = sentence; }
  document.addEventListener("htmx:responseError", function (e) {
    const xhr = e.detail.xhr;
    const plain = (xhr.getResponseHeader("Content-Type") || "").startsWith("text/plain");
    say(plain ? xhr.responseText : notice.dataset.broken);
  });
  document.addEventListener("htmx:sendError", function () { say(notice.dataset.offline); });
  document.addEventListener("htmx:afterOnLoad", function (e) {
    if (e.detail.xhr.status < 400) say("");
  });

  // Who prints what is in the access log: the page that is shown, or those of a list.
  // When stands on the paper, by the clock of the server.
  const printed = document.querySelector(".printed"), opened = Date.now();
  window.addEventListener("beforeprint", function () {
    if (!printed) return;
    const at = new Date(Number(printed.dataset.at) + Date.now() - opened);
    printed.textContent = printed.dataset.words.replace("{at}", at.toISOString().slice(0, 16).replace("T", " "));
    const said = new URLSearchParams({path: location.pathname}), pages = new Set();
    for (const of of document.querySelectorAll("main [data-page], main a[href^='/pages/']")) {
      const id = of.dataset.page || /^\/pages\/([0-9]+)/.exec(of.getAttribute("href"))?.[1];
      if (id) pages.add(id);
    }
    for (const id of pages) said.append("page", id);
    outbox.asPerson("/printed", {method: "POST", body: said, keepalive: true}, false).catch(function () {});
  });
})();
