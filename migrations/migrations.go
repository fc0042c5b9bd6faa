// Package migrations holds the steps that bring the database up to date. A
// step that has been released is never edited: the next one corrects it.
package migrations

import "embed"

// FS holds the steps, NNNN_what.sql, and in folders NNNN the SQL of those that
// are programs.
//
//go:embed *.sql 0011
var FS embed.FS
