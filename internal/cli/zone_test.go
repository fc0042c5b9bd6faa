package cli

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// keepZone has the zone that a command sets end with the test.
func keepZone(t *testing.T) {
	zone := time.Local
	t.Cleanup(func() { time.Local = zone })
}

func TestTimeZone(t *testing.T) {
	at := time.Date(2026, 11, 1, 23, 30, 0, 0, time.UTC)
	tests := []struct {
		args []string
		env  string
		want string
	}{
		{[]string{"--time-zone", "Asia/Seoul"}, "", "2026-11-02 08:30 +0900"},
		{nil, "Asia/Seoul", "2026-11-02 08:30 +0900"},
		{[]string{"--time-zone", "America/New_York"}, "Asia/Seoul", "2026-11-01 18:30 -0500"},
		{nil, "", at.Local().Format("2006-01-02 15:04 -0700")},
	}
	for _, tt := range tests {
		t.Run(strings.Join(tt.args, " ")+" "+tt.env, func(t *testing.T) {
			keepZone(t)
			t.Setenv("SEOSIK_TIME_ZONE", tt.env)
			run(t, append([]string{"domain", "list", "--data", t.TempDir()}, tt.args...)...)
			if got := at.Local().Format("2006-01-02 15:04 -0700"); got != tt.want {
				t.Errorf("it is %s, want %s", got, tt.want)
			}
		})
	}
	if got := runBadly(t, "domain", "list", "--data", t.TempDir(), "--time-zone", "Asia/Soul"); !strings.Contains(got, "--time-zone") {
		t.Errorf("a zone that there is not is complained of with %q", got)
	}
}

// A machine without a file of zones, as a container is, knows them all the same.
func TestTimeZoneInAContainer(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe, "doctor", "--tessdata", t.TempDir())
	cmd.Env = []string{"SEOSIK_TIME_ZONE=Asia/Seoul", "ZONEINFO=/nowhere", "PATH=/nowhere", "SEOSIK_TEST_MAIN=1"}
	out, _ := cmd.Output() // it finds much missing
	want := time.Now().In(time.FixedZone("", 9*3600)).Format("2006-01-02 15:")
	if !strings.Contains(string(out), "+09:00 (Asia/Seoul)") || !strings.Contains(string(out), want[:10]) {
		t.Errorf("doctor says\n%s\nwant %s… +09:00 (Asia/Seoul)", out, want)
	}
}
