//go:build !linux

package ocr

import "os/exec"

func dieWithParent(*exec.Cmd) {}

func (c *child) bound(int64) error { return nil }

func (c *child) confined() bool { return false }

func (c *child) memory() int64 { return 0 }
