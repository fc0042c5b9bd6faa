//go:build !linux || !(amd64 || arm64)

package ocr

import (
	"errors"
	"fmt"
)

// guard is what the kernel was had to do for this process: nothing.
var guard Guard

// Confine takes nothing from this process: there is no filter for this system.
func Confine(...string) error {
	return fmt.Errorf("ocr: confine the process: %w", errors.ErrUnsupported)
}
