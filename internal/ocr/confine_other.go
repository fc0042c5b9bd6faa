//go:build !linux || !(amd64 || arm64)

package ocr

import (
	"errors"
	"fmt"
)

// Confine takes nothing from this process: there is no filter for this system.
func Confine() error { return fmt.Errorf("ocr: confine the process: %w", errors.ErrUnsupported) }
