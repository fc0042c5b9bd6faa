// What a carpet and a sheet share: what a person says goes to the server as JSON,
// and what came of that comes back.
"use strict";

// tellServer sends what was said. It fails where the server does not have it.
async function tellServer(path, said) {
  const response = await fetch(path, {
    method: "POST",
    headers: {"Content-Type": "application/json", "HX-Request": "true"},
    body: JSON.stringify(said),
  });
  if (!response.ok) throw new Error(String(response.status));
  return response.json();
}

// composing reports whether an input method is at work.
function composing(event) { return event.isComposing || event.keyCode === 229; }
