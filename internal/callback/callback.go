// Package callback tells programs of the office about pages: it asks external
// validations what they think of a page, and tells webhooks that a page has
// come into another state, or was corrected once it was done.
//
// What is sent is JSON, and signed: the header X-Seosik-Signature is "sha256="
// and the HMAC-SHA256, in hexadecimal, of the header X-Seosik-Timestamp, a
// full stop and the body, by the signing key of the domain.
package callback

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/clova"
	"github.com/seosik/seosik/internal/fetch"
	"github.com/seosik/seosik/internal/form"
)

// Config is what a Sender is made of.
type Config struct {
	DB     *db.DB
	Blobs  blob.Store
	Client *fetch.Client    // its time limit is that of one try
	Pause  time.Duration    // before the second try, doubled before each further one; 0 for 500 ms
	Within time.Duration    // of all tries of a validation; 0 for 12 s
	Now    func() time.Time // nil for time.Now
}

// A Sender tells programs. It is safe for concurrent use.
type Sender struct{ cfg Config }

// New returns a Sender.
func New(cfg Config) *Sender {
	if cfg.Pause == 0 {
		cfg.Pause = 500 * time.Millisecond
	}
	if cfg.Within == 0 {
		cfg.Within = 12 * time.Second
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Sender{cfg}
}

// tries is how often a validation is asked about a page.
const tries = 3

// Validate asks the validation of a page's template about the page, and keeps
// what it said. That there was no answer is kept too, and is no error: it is
// then not settled, and another answer that is asked for later takes its place.
// Nothing is asked about a page that was deleted.
func (s *Sender) Validate(ctx context.Context, page form.PageID) (settled bool, err error) {
	settled, err = s.validate(ctx, page)
	if errors.Is(err, form.ErrNotFound) {
		return true, nil
	}
	return settled, err
}

func (s *Sender) validate(ctx context.Context, page form.PageID) (settled bool, err error) {
	r, err := s.cfg.DB.Record(ctx, form.Everything, page)
	if err != nil {
		return false, err
	}
	if r.Template == nil || r.Template.Validation == "" {
		return true, nil
	}
	d, err := s.cfg.DB.Domain(ctx, form.Everything, r.Page.Domain)
	if err != nil {
		return false, err
	}
	body, err := s.question(ctx, d, r)
	if err != nil {
		return false, err
	}
	if err := s.cfg.DB.Saw(ctx, db.Access{By: form.System, Act: db.AccessTold, Pages: []form.PageID{page}}).Wait(ctx); err != nil {
		return false, err
	}
	said, err := s.ask(ctx, r.Template.Validation, s.letter(d.SigningKey, "validation", r.Page.UID, body))
	if ctx.Err() != nil {
		return false, ctx.Err() // it will be asked again
	}
	settled = !passing(err)
	if err != nil {
		said = form.Validation{Verdict: form.Unchecked, Message: "The validation gave no verdict: " + err.Error() + "."}
	}
	return settled, s.cfg.DB.SaveValidation(ctx, page, r.Page.Run, said)
}

func (s *Sender) question(ctx context.Context, d form.Domain, r form.Record) ([]byte, error) {
	doc, err := s.cfg.DB.Document(ctx, form.Everything, r.Page.Document)
	if err != nil {
		return nil, err
	}
	head, err := blob.Head(ctx, s.cfg.Blobs, doc.Blob)
	if err != nil {
		return nil, err
	}
	return clova.NewQuestion(doc.Name, clova.Paged(head), clova.ResultOf(&r, d.Settings.Cells)).JSON()
}

// ask asks until there is an answer, or no hope of one.
func (s *Sender) ask(ctx context.Context, url string, l letter) (form.Validation, error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Within)
	defer cancel()
	for try := range tries {
		answer, err := s.cfg.Client.Post(ctx, url, l.header, l.body)
		if err == nil {
			return clova.ReadVerdict(answer)
		}
		if !passing(err) || try == tries-1 {
			return form.Validation{}, err
		}
		select {
		case <-time.After(s.cfg.Pause << try):
		case <-ctx.Done():
			return form.Validation{}, err
		}
	}
	return form.Validation{}, fetch.ErrUnreachable
}

// passing reports whether another try may do better than one that ended with err.
func passing(err error) bool {
	if status, ok := errors.AsType[fetch.StatusError](err); ok {
		return status >= http.StatusInternalServerError || status == http.StatusTooManyRequests
	}
	return errors.Is(err, fetch.ErrUnreachable)
}

// Deliver tells the webhook of a domain what a notice says. An error means that
// it should be tried again later. What has been delivered may be delivered
// again, where a process dies in between.
func (s *Sender) Deliver(ctx context.Context, id db.NoticeID) error {
	n, err := s.cfg.DB.Notice(ctx, id)
	if errors.Is(err, form.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if url := n.Domain.Settings.Webhook; url != "" { // else nobody wants to know any more
		body, err := json.Marshal(event{
			Event:     "page",
			Domain:    n.Domain.ID,
			UID:       n.UID,
			State:     n.State,
			Corrected: n.Corrected,
			Result:    strings.TrimSuffix(n.Domain.InvokePath(), "infer") + "results/" + n.UID,
			Timestamp: n.At.UnixMilli(),
		})
		if err != nil {
			return err
		}
		l := s.letter(n.Domain.SigningKey, "page", strconv.FormatInt(int64(n.ID), 10), body)
		if _, err := s.cfg.Client.Post(ctx, url, l.header, l.body); err != nil && !errors.Is(err, fetch.ErrTooLarge) {
			return err
		}
	}
	return s.cfg.DB.NoticeDelivered(ctx, id)
}

// An event is what a webhook gets. It holds nothing that was read: whoever has
// the secret asks for that.
type event struct {
	Event     string        `json:"event"` // page
	Domain    form.DomainID `json:"domain"`
	UID       string        `json:"uid"`
	State     form.State    `json:"state"`
	Corrected bool          `json:"corrected,omitempty"` // the page had been done before, and people have said other things since
	Result    string        `json:"result"`              // path of what is known of the page
	Timestamp int64         `json:"timestamp"`           // ms since 1970; when the page came into the state, or was first corrected
}

// A letter is a body with its signature.
type letter struct {
	header http.Header
	body   []byte
}

// letter signs a body. The id is the same when it is sent again.
func (s *Sender) letter(key, event, id string, body []byte) letter {
	at := strconv.FormatInt(s.cfg.Now().UnixMilli(), 10)
	h := make(http.Header)
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("X-Seosik-Event", event)
	h.Set("X-Seosik-Delivery", id)
	h.Set("X-Seosik-Timestamp", at)
	h.Set("X-Seosik-Signature", Signature(key, at, body))
	return letter{h, body}
}

// Signature returns the value of X-Seosik-Signature for a body that is sent at
// a time.
func Signature(key, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(timestamp + "."))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}
