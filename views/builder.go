package views

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/seosik/seosik/internal/form"
)

// A BuilderPage is the screen on which a template is drawn: its draft, or a
// version, in which nothing can be changed.
type BuilderPage struct {
	Frame
	Template *form.Template
	Lists    []string // names of the value lists of its domain
}

// ReadOnly reports whether nothing can be changed.
func (p BuilderPage) ReadOnly() bool { return p.Template.Stage != form.Draft }

func (p BuilderPage) panel() PanelModel {
	return PanelModel{Template: p.Template.ID, Domain: p.Template.Domain, Lists: p.Lists, ReadOnly: p.ReadOnly()}
}

// draft is the address of the document.
func (p BuilderPage) draft() string {
	if p.ReadOnly() {
		return editionPath(p.Template, "/draft", p.Template.Version)
	}
	return templatePath(p.Template, "/draft")
}

// A builderCommand is something that the builder does, by a key or a button.
type builderCommand struct {
	ID   string   // of its words, after "builder.do."
	Keys []string // as they are shown; none where there is only a button
}

// shown returns the keys as the help shows them: the four arrows as one.
func (c builderCommand) shown() []string {
	if len(c.Keys) == 4 && strings.HasSuffix(c.Keys[0], "←") {
		return []string{c.Keys[0] + "↑→↓"}
	}
	return c.Keys
}

// A builderGroup is commands that the help lists together.
type builderGroup struct {
	ID       string // of its words, after "builder.keys."
	Commands []builderCommand
}

// builderGroups lists all keys of the builder. The help shows them, and the
// script looks up there what a key does.
var builderGroups = []builderGroup{
	{"tools", []builderCommand{
		{"tool_select", []string{"V"}},
		{"tool_field", []string{"N"}},
		{"tool_boxes", []string{"M"}},
		{"tool_checkbox", []string{"C"}},
		{"tool_table", []string{"T"}},
		{"tool_ignore", []string{"I"}},
		{"tool_title", []string{"L"}},
		{"tool_hand", []string{"H"}},
		{"hold_hand", []string{"Space"}},
	}},
	{"new", []builderCommand{
		{"new_field", []string{"Shift+N"}},
		{"new_boxes", []string{"Shift+M"}},
		{"new_checkbox", []string{"Shift+C"}},
		{"new_table", []string{"Shift+T"}},
		{"new_ignore", []string{"Shift+I"}},
		{"new_title", []string{"Shift+L"}},
	}},
	{"list", []builderCommand{
		{"list_move", []string{"↑", "↓"}},
		{"list_more", []string{"Shift+↑", "Shift+↓"}},
		{"enter", []string{"Enter"}},
		{"rename", []string{"F2"}},
		{"order_up", []string{"Alt+↑"}},
		{"order_down", []string{"Alt+↓"}},
		{"select_all", []string{"Ctrl+A"}},
		{"leave", []string{"Esc"}},
	}},
	{"picture", []builderCommand{
		{"nudge", []string{"←", "↑", "→", "↓"}},
		{"nudge_far", []string{"Shift+←", "Shift+↑", "Shift+→", "Shift+↓"}},
		{"resize", []string{"Alt+←", "Alt+↑", "Alt+→", "Alt+↓"}},
		{"resize_far", []string{"Alt+Shift+←", "Alt+Shift+↑", "Alt+Shift+→", "Alt+Shift+↓"}},
		{"before", []string{","}},
		{"after", []string{"."}},
		{"no_snap", []string{"Ctrl"}},
	}},
	{"edit", []builderCommand{
		{"undo", []string{"Ctrl+Z"}},
		{"redo", []string{"Ctrl+Y", "Ctrl+Shift+Z"}},
		{"copy", []string{"Ctrl+C"}},
		{"cut", []string{"Ctrl+X"}},
		{"paste", []string{"Ctrl+V"}},
		{"duplicate", []string{"Ctrl+D"}},
		{"delete", []string{"Delete", "Backspace"}},
	}},
	{"arrange", []builderCommand{
		{"align_left", []string{"Ctrl+←"}},
		{"align_right", []string{"Ctrl+→"}},
		{"align_top", []string{"Ctrl+↑"}},
		{"align_bottom", []string{"Ctrl+↓"}},
		{"align_center", []string{"Ctrl+Shift+←", "Ctrl+Shift+→"}},
		{"align_middle", []string{"Ctrl+Shift+↑", "Ctrl+Shift+↓"}},
		{"spread_across", []string{"X"}},
		{"spread_down", []string{"Y"}},
		{"same_width", []string{"W"}},
		{"same_height", []string{"Shift+W"}},
		{"array", []string{"A"}},
		{"split", []string{"S"}},
		{"join", []string{"J"}},
	}},
	{"table", []builderCommand{
		{"cell", []string{"Enter"}},
		{"cell_resize", []string{"Alt+←", "Alt+↑", "Alt+→", "Alt+↓"}},
		{"column_add", []string{"K"}},
		{"row_add", []string{"R"}},
		{"column_remove", []string{"Shift+K"}},
		{"row_remove", []string{"Shift+R"}},
		{"merge", []string{"G"}},
		{"separate", []string{"U"}},
		{"header", []string{"D"}},
		{"find", []string{"F"}},
	}},
	{"suggested", []builderCommand{
		{"accept", []string{"Enter"}},
		{"accept_all", []string{"Shift+Enter"}},
		{"suggestions", []string{"P"}},
	}},
	{"view", []builderCommand{
		{"zoom_in", []string{"+"}},
		{"zoom_out", []string{"-"}},
		{"zoom_all", []string{"0"}},
		{"fault", []string{"F8"}},
		{"help", []string{"?"}},
	}},
}

// keysOf returns the keys of a command, as they are shown.
func keysOf(id string) []string {
	for _, g := range builderGroups {
		for _, c := range g.Commands {
			if c.ID == id {
				return c.Keys
			}
		}
	}
	return nil
}

// doWords returns what a command is called, with its first key.
func doWords(ctx context.Context, id string) string {
	words := Say(ctx, "builder.do."+id)
	if keys := keysOf(id); len(keys) > 0 {
		words += " (" + keys[0] + ")"
	}
	return words
}

// Commands with a button, in the bars.
var (
	builderTools   = []string{"select", "field", "boxes", "checkbox", "table", "ignore", "title", "hand"}
	builderHistory = []string{"undo", "redo"}
	builderOne     = []string{"duplicate", "delete", "array", "split"}
	builderMany    = []string{
		"align_left", "align_center", "align_right", "align_top", "align_middle", "align_bottom",
		"spread_across", "spread_down", "same_width", "same_height", "join",
	}
	builderTable = []string{"column_add", "row_add", "column_remove", "row_remove", "merge", "separate", "header", "find"}
)

// builderSaid are the words that the script says, after "builder.say.".
// {name} and the like stand for what it fills in.
var builderSaid = strings.Fields(`
	saved saving offline gone place places cells deleted undone redone nothing_undone nothing_redone copied pasted
	nothing_pasted accepted accepted_many selected cell merged divider moved_up moved_down tool full refused
	choose_field choose_one no_lines no_room unnamed column title faults no_faults fault tables fields suggested
	kind_NORMAL kind_MULTI_BOX kind_CHECKBOX kind_table kind_title lines_off joined has_fault boxes part_box part_ignore
`)

// said returns the words that the script says, as JSON.
func (p BuilderPage) said(ctx context.Context) (string, error) {
	words := make(map[string]string)
	for _, id := range builderSaid {
		words[id] = Say(ctx, "builder.say."+id)
	}
	text, err := json.Marshal(words)
	return string(text), err
}
