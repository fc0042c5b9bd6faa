package views

import (
	"context"
	"encoding/json"
)

// keyWords are the ids of the words for what keys do, as the scripts of the review
// screen, and of what is keyed blind, name them in keys.add.
var keyWords = []string{
	"key.enter", "key.line", "key.tab", "key.space", "key.esc", "key.other", "key.other_up", "key.pick", "key.history",
	"key.next", "key.back", "key.aside", "key.zoom_in", "key.zoom_out", "key.zoom_fit", "key.turn", "key.reveal",
	"key.illegible", "key.empty", "key.not_applicable", "key.undo", "key.redo",
	"key.pan_left", "key.pan_right", "key.pan_up", "key.pan_down",
	"key.wider", "key.narrower", "key.order", "key.help",
	"grid.insert", "grid.remove", "words.take", "words.add", "margin.unprint", "margin.key",
	"second.key_enter",
}

// keysSaid returns the words for what keys do, by id, as JSON.
func keysSaid(ctx context.Context) (string, error) {
	said := make(map[string]string, len(keyWords))
	for _, id := range keyWords {
		said[id] = Say(ctx, id)
	}
	text, err := json.Marshal(said)
	return string(text), err
}
