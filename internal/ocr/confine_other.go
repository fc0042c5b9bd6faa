//go:build !linux || !(amd64 || arm64)

package ocr

import (
	"errors"
	"fmt"
)

// readsOnly is the version of Landlock that confines this process: none.
const readsOnly = 0

// Confine takes nothing from this process: there is no filter for this system.
func Confine(...string) error {
	return fmt.Errorf("ocr: confine the process: %w", errors.ErrUnsupported)
}
