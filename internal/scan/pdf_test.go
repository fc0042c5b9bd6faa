package scan

import (
	"os/exec"
	"testing"
)

func needPoppler(t testing.TB) {
	t.Helper()
	if _, err := exec.LookPath("pdftoppm"); err != nil {
		t.Skip("Poppler is not installed")
	}
}
