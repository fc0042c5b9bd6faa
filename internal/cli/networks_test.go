package cli

import (
	"fmt"
	"strings"
	"testing"
)

func TestNetworks(t *testing.T) {
	tests := []struct{ list, want string }{
		{"", "[]"},
		{"10.1.2.3/8, 192.0.2.7", "[10.0.0.0/8 192.0.2.7/32]"},
		{"2001:db8::1,fd00::/8", "[2001:db8::1/128 fd00::/8]"},
		{"::ffff:192.0.2.7", "[192.0.2.7/32]"},
		{"10.0.0.0/33", ""},
		{"proxy.example", ""},
		{"10.0.0.1,,", ""},
	}
	for _, tt := range tests {
		var list []string
		if tt.list != "" {
			list = strings.Split(tt.list, ",")
		}
		got, err := networks(list)
		if (err != nil) != (tt.want == "") || err == nil && fmt.Sprint(got) != tt.want {
			t.Errorf("networks(%q) = %v, %v; want %s", tt.list, got, err, tt.want)
		}
	}
}

func TestServeRefusesProxiesThatAreNoNetworks(t *testing.T) {
	got := runBadly(t, "serve", "--data", t.TempDir(), "--trusted-proxies", "proxy.example")
	if !strings.Contains(got, "--trusted-proxies") {
		t.Errorf("complains of %q", got)
	}
}
