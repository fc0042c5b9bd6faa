package views

import "time"

// A Login is the page on which people say who they are.
type Login struct {
	Frame
	User     string        // as typed
	Provider string        // where else people may log in; empty for nowhere
	Next     string        // where to go then
	Wrong    string        // id of words; empty if nothing is
	Wait     time.Duration // before the next attempt; 0 where there may be one
}

// Minutes returns how long to wait, in minutes begun.
func (m Login) Minutes() int { return int((m.Wait + time.Minute - 1) / time.Minute) }

// A Setup is the page on which the administrator's password is chosen.
type Setup struct {
	Frame
	MinLength int    // characters
	Wrong     string // id of words; empty if nothing is
}
