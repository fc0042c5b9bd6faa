package form

import "time"

// Matters are what the office should look into.
type Matters struct {
	Alarms   int       // that nobody has looked into
	Unsigned time.Time // when the last month began, where nobody has signed its report; zero otherwise
	Backups  Backups
	Log      LogCheck
}
