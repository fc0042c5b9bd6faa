//go:build !linux

package ocr

// tries are what a child of Linux attempts.
var tries map[string]func() string
