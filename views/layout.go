package views

import (
	"context"
	"strconv"
	"time"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/static"
)

// A Frame is what stands around a page.
type Frame struct {
	Title    string  // id of words, for the window
	Name     string  // of the thing shown, before the title; may be empty
	Section  Section // the part of the site that is marked as the one shown
	User     string  // who is logged in; empty for nobody
	UserID   form.UserID
	Outbox   []byte // the key of the outbox of User
	Session  SessionTimes
	Provider string // where User logs in; empty for here
	Disk     string // id of words that say why nothing is taken in; empty where all is
	Matters  int    // that the office should look into, for who administers it
	Path     string // path and query of this page, to come back after a change of language
}

// SessionTimes say when a session is over.
type SessionTimes struct {
	Idle  time.Duration // without a sign of the person
	Since time.Duration // the last sign
	Life  time.Duration // that is left of it, whatever the person does
}

func millis(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// wallClock returns what the clock on the wall shows, as the time since 1970.
func wallClock(t time.Time) time.Duration {
	_, east := t.Local().Zone()
	return time.Duration(t.UnixMilli())*time.Millisecond + time.Duration(east)*time.Second
}

// A Section is a part of the site with a place in the bar at the top.
type Section struct {
	Words, Path string
	Needs       form.Right // what somebody must have to be shown the way there
}

// The sections.
var (
	Upload     = Section{"nav.upload", "/", form.MayReview}
	Review     = Section{"nav.review", "/queue", form.MayReview}
	History    = Section{"nav.history", "/pages", form.MaySee}
	Export     = Section{"nav.export", "/export", form.MayExport}
	Dashboards = Section{"nav.dashboard", "/dashboard", form.MaySee}
	Templates  = Section{"nav.templates", "/templates", form.MaySee}
	Domains    = Section{"nav.domains", "/domains", form.MayAdminister}
	Second     = Section{"nav.second", "/second", form.MayKey} // of those who have no queue

	// Administration leads to the pages by which the office looks after the site.
	Administration = Section{"nav.admin", "/admin", form.MayManage}

	sections = []Section{Upload, Review, History, Export, Dashboards, Templates, Domains, Administration}
)

// Sections returns the sections for who looks.
func Sections(ctx context.Context) (list []Section) {
	for _, s := range sections {
		if May(ctx, s.Needs, 0) {
			list = append(list, s)
		}
	}
	if May(ctx, Second.Needs, 0) && !May(ctx, Review.Needs, 0) {
		list = append(list, Second)
	}
	return list
}

// icon returns the address of the named picture in icons.svg.
func iconURL(name string) string { return static.URL("icons.svg") + "#" + name }

// htmxConfig makes htmx keep to the content security policy, draw the answers
// to forms that are wrong, and not keep pages with personal data in the browser.
const htmxConfig = `{"includeIndicatorStyles":false,"allowEval":false,"allowScriptTags":false,` +
	`"historyCacheSize":0,"refreshOnHistoryMiss":true,"selfRequestsOnly":true,"attributesToSettle":[],` +
	`"responseHandling":[{"code":"204","swap":false},{"code":"[23]..","swap":true},` +
	`{"code":"422","swap":true},{"code":"[45]..","swap":false,"error":true}]}`
