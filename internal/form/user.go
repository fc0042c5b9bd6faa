package form

import "time"

// A User is a person who may log in.
type User struct {
	ID           UserID
	Name         string
	PasswordHash string // argon2id in the PHC string format
	CreatedAt    time.Time
	OutboxKey    []byte // 32 bytes by which a browser locks what it has still to send
}
