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

  // Who prints a page is in the access log.
  window.addEventListener("beforeprint", function () {
    const page = /^\/(?:pages|second)\/([0-9]+)/.exec(location.pathname);
    if (page) outbox.asPerson("/pages/" + page[1] + "/printed", {method: "POST", keepalive: true}, false).catch(function () {});
  });
})();
