package static

import (
	"os/exec"
	"testing"
)

// What the scripts do without a page is tested by Node, which the build needs
// anyway: testdata/*.test.js.
func TestScripts(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "node", "--test", "testdata/").CombinedOutput()
	if err != nil {
		t.Errorf("node --test: %v\n%s", err, out)
	}
}
