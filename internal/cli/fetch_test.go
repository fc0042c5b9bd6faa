package cli

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/seosik/seosik/internal/fetch"
)

// Images of an office's own file server are fetched where --fetch-hosts names
// it, and from no other private address.
func TestFetchHosts(t *testing.T) {
	files := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "file") }))
	t.Cleanup(files.Close)
	for _, tt := range []struct {
		name  string
		hosts []string
		want  error
	}{
		{"none", nil, fetch.ErrRefused},
		{"another network", []string{"10.0.0.0/8"}, fetch.ErrRefused},
		{"the address", []string{"127.0.0.1"}, nil},
		{"its network", []string{"10.0.0.0/8", "127.0.0.0/8"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			allow, err := fetch.ParseAllowed(tt.hosts)
			if err != nil {
				t.Fatal(err)
			}
			c := serveCmd{AllowURLFetch: true, FetchHosts: tt.hosts}
			err = c.fetcher(allow).Get(t.Context(), files.URL, io.Discard, 10, func([]byte) bool { return true })
			if !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
		})
	}
	if (&serveCmd{FetchHosts: []string{"127.0.0.1"}}).fetcher(fetch.Allowed{}) != nil {
		t.Error("images are fetched without --allow-url-fetch")
	}
}
