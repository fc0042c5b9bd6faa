// What a carpet and a sheet share.
"use strict";

// composing reports whether an input method is at work.
function composing(event) { return event.isComposing || event.keyCode === 229; }
