package views

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/seosik/seosik/internal/form"
)

// An AccessPage is a part of the access log.
type AccessPage struct {
	Frame
	People   []Option
	Acts     []Option
	From, To string // days
	Page     string // id of the one that is looked for
	Rows     []AccessRow
	Filtered bool
	Newest   string // address of the first part; empty on it
	Older    string
	Alarms   []AccessAlarm // that nobody has looked into
	Rules    AccessRules
	Last     string // what the log came to: number and hash of its last row
	Check    form.LogCheck
	Wrong    string // id of words
}

// An AccessRow is a row of the access log.
type AccessRow struct {
	ID      int64
	At      time.Time
	Account string // empty for who is neither a person nor a program
	Who     string
	Address string
	Act     string
	Subject string
	Of      int64 // its id; 0 for none
	Name    string
	Pages   int
	Purpose string
}

// whose says who it was.
func (r AccessRow) whose(ctx context.Context) string {
	kind, _, _ := strings.Cut(r.Who, " ")
	switch kind {
	case "person":
		return r.Account
	case "program":
		return Say(ctx, "access.program", "Name", r.Account)
	}
	return Say(ctx, "access."+kind)
}

// link returns the address of what the row is about; empty where there is none.
func (r AccessRow) link() templ.SafeURL {
	switch {
	case r.Subject == "page" && r.Of > 0:
		return templ.SafeURL(pagePath(form.PageID(r.Of)))
	case r.Pages > 1:
		return templ.SafeURL("/admin/access/rows/" + strconv.FormatInt(r.ID, 10))
	}
	return ""
}

// about says what the row is about.
func (r AccessRow) about(ctx context.Context) string {
	switch {
	case r.Subject == "":
		return ""
	case r.Name != "":
		return r.Name
	case r.Of == 0:
		return worded(ctx, "access.subject.", r.Subject)
	}
	return worded(ctx, "access.subject.", r.Subject) + " " + strconv.FormatInt(r.Of, 10)
}

// actOf says what was done.
func actOf(ctx context.Context, act string) string { return worded(ctx, "act.", act) }

// worded returns the words of a name, or the name where it has none.
func worded(ctx context.Context, prefix, name string) string {
	if words := Say(ctx, prefix+name); words != prefix+name {
		return words
	}
	return name
}

// purposeOf says what personal data was taken for.
func purposeOf(ctx context.Context, purpose string) string {
	if kind, reason, ok := strings.Cut(purpose, ": "); ok {
		return worded(ctx, "export.purpose.", kind) + ": " + reason
	}
	return purpose
}

// AccessRules say how long the log is kept and what is unusual.
type AccessRules struct {
	Months           int
	Factor           float64
	Seen, SeenMost   int
	Taken, TakenMost int
}

// An AccessAlarm says that somebody saw or took unusually much.
type AccessAlarm struct {
	ID     int64
	Day    time.Time
	Row    AccessRow // who it was
	Kind   string
	Pages  int
	Usual  int
	By     string // who looked into it; empty for nobody
	Note   string
	SeenAt time.Time
}

func (a AccessAlarm) says(ctx context.Context) string {
	return Say(ctx, "alarm."+a.Kind, "Name", a.Row.whose(ctx), "Day", a.Day.Local().Format(time.DateOnly), "Pages", grouped(a.Pages), "Usual", grouped(a.Usual))
}

// AccessPages lists the pages of a row of the log.
type AccessPages struct {
	Frame
	Row   int64
	Pages []form.PageID
	Next  string // address of those that follow; empty where there are none
}

// An AccessReport is what the log has of a month.
type AccessReport struct {
	Frame
	Month   string // 2026-11
	Before  string // the month before
	After   string // the month after; empty for the one that is not over
	Over    bool
	People  []AccessCount
	Alarms  []AccessAlarm
	Taken   []AccessRow
	Failed  []AccessRow
	Granted []AccessRow
	Rows    int
	Last    string
	By      string // who signed; empty for nobody
	Note    string
	At      time.Time
	Wrong   string
}

// An AccessCount is how often somebody did something.
type AccessCount struct {
	Row   AccessRow // who and what
	Times int
	Pages int
}

// A RetentionPage says how long pages are kept, what is held, and what was
// destroyed.
type RetentionPage struct {
	Frame
	Rules     []RetentionRule
	Templates []Group
	Holds     []HoldRow
	Done      []DestructionRow
	Due       int
	Wrong     string
}

// A RetentionRule says how long pages of a template in a state are kept.
type RetentionRule struct {
	Template form.TemplateID
	Name     string
	State    form.State
	Since    string
	Days     int
	Due      int
}

func (r RetentionRule) says(ctx context.Context) string {
	return Say(ctx, "retention.rule."+r.Since, "Count", r.Days)
}

// A HoldRow is a hold.
type HoldRow struct {
	ID       int64
	Template string
	Pages    int
	First    form.PageID
	Reason   string
	By       string
	At       time.Time
	LiftedBy string
	LiftedAt time.Time
	Why      string
}

func (h HoldRow) what(ctx context.Context) string {
	switch {
	case h.Template != "":
		return Say(ctx, "hold.all_of", "Name", h.Template)
	case h.Pages == 1:
		return Say(ctx, "hold.page", "Number", h.First)
	}
	return Say(ctx, "hold.pages", "Count", h.Pages)
}

// A HoldQuestion asks why chosen pages are to be held.
type HoldQuestion struct {
	Frame
	Pages  int
	Filter string
	All    bool
	Chosen []form.PageID
	Wrong  string
}

// A DestructionRow certifies what was destroyed.
type DestructionRow struct {
	ID     int64
	Rule   RetentionRule
	Began  time.Time
	Ended  time.Time
	Pages  int
	Digest string

	KeysSince time.Time // zero where the certificate says nothing of keys
	KeysAt    time.Time // zero while there are some
}

func (d DestructionRow) path() string {
	return "/admin/destructions/" + strconv.FormatInt(d.ID, 10)
}

// A Certificate is a page that certifies what was destroyed, to be printed.
type Certificate struct {
	Frame
	DestructionRow
	List string // of ids, as 3-7, 9
}

// templateOf says of which template; of pages without one that there is none.
func (r RetentionRule) templateOf(ctx context.Context) string {
	if r.Template == 0 {
		return Say(ctx, "retention.no_template")
	}
	return r.Name
}

// Acts lists what people may look for in the log.
var Acts = []string{
	"view", "picture", "story", "reveal", "search", "preview", "correct",
	"key", "export_made", "export_taken", "record", "told", "print",
	"delete", "trash", "bulk_trash", "bulk_again", "bulk_assign", "bulk_export", "empty_trash", "restore",
	"login", "login_failed", "logout", "submit", "reopen", "close",
	"read_again", "retry", "add_user", "set_password", "set_roles", "disable_user",
	"enable_user", "add_domain", "save_domain", "rotate_secret", "end_secrets", "rotate_signing_key", "save_list",
	"remove_list", "save_template", "release_template", "retire_template", "discard_draft", "start_draft",
	"change_draft", "suggest_fields", "set_validation", "add_samples", "add_case", "delete_case",
	"start_dry_run", "stop_dry_run", "save_profile", "delete_profile", "drop_export", "save_view",
	"remove_view", "set_vigilance", "set_masks", "set_sealing", "set_access_rules", "answer_alarm", "sign_report", "set_retention",
	"hold", "lift_hold", "back_up", "end_session", "end_sessions", "set_admission",
	"set_factor", "use_recovery", "set_recovery", "remove_factor", "take_password",
}
