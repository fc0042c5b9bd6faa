package main

import "time"

// What a data folder holds, as it is kept beside it. Where the release that made
// it was wrong, this is what is right.
type (
	house struct {
		Users     []user            `json:"users"`
		Domains   []domain          `json:"domains"`
		Templates []templateOfHouse `json:"templates"`
		Pages     []page            `json:"pages"`
	}
	user struct {
		Name     string `json:"name"`
		Password string `json:"password"`
	}
	domain struct {
		ID     int    `json:"id"`
		Invoke string `json:"invoke"` // path
		Secret string `json:"secret"`
	}
	templateOfHouse struct {
		ID      int      `json:"id"`
		Domain  int      `json:"domain"`
		Name    string   `json:"name"`
		Stage   string   `json:"stage"`
		Version int      `json:"version"`
		Places  []string `json:"places"`            // names in the newest version, in order
		Retired []string `json:"retired,omitempty"` // last names of what it has no more
	}
	page struct {
		ID       string `json:"id"`
		UID      string `json:"uid"`
		Domain   int    `json:"domain"`
		Document string `json:"document"`
		Number   int    `json:"number"`
		// Where the release misfiled corrections, what follows from them is open.
		Misfiled   bool        `json:"misfiled,omitempty"`
		Pending    bool        `json:"pending,omitempty"` // it is still to be read, or to be read again
		State      string      `json:"state"`
		Failure    string      `json:"failure,omitempty"`
		Template   int         `json:"template,omitempty"`
		Version    int         `json:"version,omitempty"`
		Runs       int         `json:"runs"`
		Validation *validation `json:"validation,omitempty"`
		Combined   []text      `json:"combined,omitempty"`
		Values     []value     `json:"values,omitempty"`
		Past       []said      `json:"past,omitempty"` // what people said of it as another template
	}
	validation struct {
		Result  string `json:"result"`
		Message string `json:"message"`
	}
	text struct {
		Name string `json:"name"`
		Text string `json:"text"`
	}
	value struct {
		Name       string  `json:"name"`             // in the version that the page was read with
		Newest     string  `json:"newest,omitempty"` // in the newest version, where that has another name for it; - where it has none
		Text       string  `json:"text"`             // that the machine read
		Checked    *bool   `json:"checked,omitempty"`
		Confidence float64 `json:"confidence"`
		Said       []said  `json:"said,omitempty"`   // the oldest first
		Before     *[]said `json:"before,omitempty"` // what the release took for Said, where that was wrong
	}
	said struct {
		Name    string    `json:"name,omitempty"` // of Past
		Text    string    `json:"text"`
		Checked *bool     `json:"checked,omitempty"`
		By      string    `json:"by"`
		At      time.Time `json:"at"`
	}
)

// Of the record of a page, as /api/v1 answers it.
type record struct {
	UID        string      `json:"uid"`
	State      string      `json:"state"`
	Failure    string      `json:"failure"`
	Document   string      `json:"document"`
	Number     int         `json:"page"`
	Submission int         `json:"submission"`
	Validation *validation `json:"validation"`
	Template   struct {
		ID, Version int
	} `json:"template"`
	Combined []text `json:"combined"`
	Values   []struct {
		Name     string `json:"name"`
		Text     string `json:"text"`
		Checked  *bool  `json:"checked"`
		Doubtful bool   `json:"doubtful"`
		Reading  struct {
			Text       string   `json:"text"`
			Checked    *bool    `json:"checked"`
			Confidence float64  `json:"confidence"`
			Reasons    []string `json:"reasons"`
		} `json:"reading"`
		Corrections []said `json:"corrections"`
	} `json:"values"`
}

// corrections returns what people said of the place with a name.
func (r *record) corrections(name string) []said {
	for _, v := range r.Values {
		if v.Name == name {
			return v.Corrections
		}
	}
	return nil
}
