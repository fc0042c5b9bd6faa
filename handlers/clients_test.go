package handlers

import (
	"bytes"
	"encoding/base64"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/fetch"
	"github.com/seosik/seosik/internal/form"
)

// A tool runs programs of a language.
type tool struct {
	command []string // before the file of the program
	needs   []string // what must be installed: patterns of filepath.Glob
}

var (
	python = tool{[]string{"/usr/bin/python3"}, []string{"/usr/lib/python3/dist-packages/requests"}}
	php    = tool{[]string{"/usr/bin/php"}, []string{"/usr/lib/php/*/curl.so"}}
	node   = tool{[]string{"node", "--require", "./testdata/clients/print.js"}, []string{"../node_modules/axios", "../node_modules/form-data"}}
	// The programs are compiled each time and run for a moment.
	java = tool{
		[]string{"/usr/bin/java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", "/usr/share/java/json.jar"},
		[]string{"/usr/share/java/json.jar", "/usr/lib/jvm/*/bin/javac"},
	}
)

// A program is a sample program of the document, in testdata/clients.
type program struct {
	name  string
	tool  tool
	file  string
	edits []string // what to replace, and by what, in turn
	call  string   // what the program leaves to its reader to call
}

// samplePrograms are all but that of ASP. Those that send JSON send the URL of
// an image, and have the lines that send its bytes as comments: those with data
// in their name have these in use.
var samplePrograms = []program{
	{name: "Python multipart", tool: python, file: "multipart.py"},
	{name: "Python url", tool: python, file: "json-body.py"},
	{name: "Python data", tool: python, file: "json-body.py", edits: []string{
		"# image_file", "image_file",
		"# with open", "with open",
		"#     file_data", "    file_data",
		"#             'data'", "            'data'",
		"            'url': image_url", "",
	}},
	{name: "Node file", tool: node, file: "node.js", call: "requestWithFile()", edits: append(
		[]string{"const file = ''", "const file = require('fs').createReadStream('YOUR_IMAGE_FILE')"}, nodeBlanks...,
	)},
	{name: "Node base64", tool: node, file: "node.js", call: "requestWithBase64()", edits: append(
		[]string{"data: ''", "data: require('fs').readFileSync('YOUR_IMAGE_FILE', 'base64')"}, nodeBlanks...,
	)},
	{name: "PHP multipart", tool: php, file: "multipart.php"},
	{name: "PHP url", tool: php, file: "json-body.php"},
	{name: "PHP data", tool: php, file: "json-body.php", edits: []string{
		"// $image_file", "$image_file",
		"// $image->data", "$image->data",
		"$image->url =", "// $image->url =",
	}},
	{name: "Java multipart", tool: java, file: "multipart.java"},
	{name: "Java url", tool: java, file: "json-body.java", edits: []string{
		"https://kr.object.ncloudstorage.com/ocr-ci-test/sample/1.jpg", "YOUR_IMAGE_URL",
	}},
	{name: "Java data", tool: java, file: "json-body.java", edits: []string{
		"// FileInputStream", "java.io.FileInputStream", "new FileInputStream", "new java.io.FileInputStream",
		"// byte[]", "byte[]",
		"// inputStream.read", "inputStream.read",
		"// inputStream.close", "inputStream.close",
		// The org.json of Debian is a rewrite that knows no Java arrays. This way it
		// sends what the original makes of the bytes.
		`// image.put("data", buffer)`, `image.put("data", new JSONArray(java.util.Arrays.toString(buffer)))`,
		`image.put("url"`, `// image.put("url"`,
	}},
}

// nodeBlanks fills in what the program of Node leaves empty.
var nodeBlanks = []string{
	"'', // APIGW Invoke URL", "'YOUR_API_URL',",
	"'X-OCR-SECRET': ''", "'X-OCR-SECRET': 'YOUR_SECRET_KEY'",
	"format: ''", "format: 'jpg'",
	"name: ''", "name: 'demo'",
}

// The sample programs get the answer that the document shows, and read what
// an error says.
func TestSamplePrograms(t *testing.T) {
	photo := photo()
	a := newContract(t, photo)
	file := filepath.Join(t.TempDir(), "demo.jpg")
	if err := os.WriteFile(file, photo, 0o600); err != nil {
		t.Fatal(err)
	}
	pictures := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(photo) }))
	t.Cleanup(pictures.Close)
	a.fetchFrom("127.0.0.1")
	put := strings.NewReplacer(
		"YOUR_API_URL", a.server.URL+a.domain.InvokePath(),
		"YOUR_IMAGE_FILE", file,
		"YOUR_IMAGE_URL", pictures.URL,
	)
	for _, p := range samplePrograms {
		t.Run(p.name, func(t *testing.T) {
			a.in(t)
			p.installed(t)
			for _, tt := range []struct{ name, secret, answer string }{
				{"read", a.secret, "success-v2"},
				{"wrong secret", "c2VjcmV0", "0002-wrong"},
			} {
				t.Run(tt.name, func(t *testing.T) {
					a.in(t)
					a.answered(tt.answer, p.run(t, put, tt.secret))
				})
			}
		})
	}
}

// The program of ASP needs Windows. Its request is sent as MSXML writes it:
// base64 in lines of 72 characters, whose ends stay in the JSON.
func TestSampleASP(t *testing.T) {
	photo := photo()
	a := newContract(t, photo)
	var lines strings.Builder
	for line := range slices.Chunk([]byte(base64.StdEncoding.EncodeToString(photo)), 72) {
		lines.Write(line)
		lines.WriteByte('\n')
	}
	request := readFile(t, filepath.Join("testdata", "clients", "asp.http"))
	got := a.wire(a.fill(request, "{path}", a.domain.InvokePath(), "{base64}", lines.String()))
	if got.StatusCode != http.StatusOK {
		t.Fatalf("status %d: %s", got.StatusCode, got.body)
	}
	a.answered("success-v2", got.body)
}

// photo returns bytes of all kinds, as many as a picture has, which begin as a
// JPEG does. They are the same each time; a reader knows them, and a byte that
// is lost would be missed.
func photo() []byte {
	data := make([]byte, 200_000)
	rand.NewChaCha8([32]byte{}).Read(data)
	copy(data, "\xff\xd8\xff")
	return data
}

// installed ends the test where what p needs is missing.
func (p program) installed(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath(p.tool.command[0]); err != nil {
		t.Fatalf("%s is missing: run make test, which installs it", p.tool.command[0])
	}
	for _, pattern := range p.tool.needs {
		if found, err := filepath.Glob(pattern); len(found) == 0 || err != nil {
			t.Fatalf("%s is missing: run make test, which installs it", pattern)
		}
	}
}

// fetchFrom lets the domain name addresses of a host.
func (a *contractSite) fetchFrom(host string) {
	a.Helper()
	allow, err := fetch.ParseAllowed([]string{host})
	if err != nil {
		a.Fatal(err)
	}
	a.cfg.Fetch = fetch.New(fetch.Config{Allow: allow})
	a.set(func(d *form.Domain) { d.Settings.FetchURLs = true })
	a.start()
}

// run runs p with what is put into it, and returns the JSON that it prints.
func (p program) run(t *testing.T, put *strings.Replacer, secret string) []byte {
	t.Helper()
	source := string(readFile(t, filepath.Join("testdata", "clients", p.file)))
	for i := 0; i < len(p.edits); i += 2 {
		if !strings.Contains(source, p.edits[i]) {
			t.Fatalf("%s has no %q", p.file, p.edits[i])
		}
		source = strings.ReplaceAll(source, p.edits[i], p.edits[i+1])
	}
	source = strings.ReplaceAll(put.Replace(source+p.call+"\n"), "YOUR_SECRET_KEY", secret)
	path := filepath.Join(t.TempDir(), p.file)
	if err := os.WriteFile(path, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), p.tool.command[0], slices.Concat(p.tool.command[1:], []string{path})...)
	modules, err := filepath.Abs("../node_modules")
	if err != nil {
		t.Fatal(err)
	}
	command.Env = append(os.Environ(), "NODE_PATH="+modules)
	var complaint bytes.Buffer
	command.Stderr = &complaint
	printed, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %s%s", err, printed, complaint.Bytes())
	}
	return printedJSON(t, printed)
}

// printedJSON returns the JSON that a program has printed, maybe after a
// status, maybe as Python writes bytes.
func printedJSON(t *testing.T, printed []byte) []byte {
	t.Helper()
	from, to := bytes.IndexByte(printed, '{'), bytes.LastIndexByte(printed, '}')
	if from < 0 || to < from {
		t.Fatalf("no JSON in %s", printed)
	}
	text := string(printed[from : to+1])
	if !bytes.HasPrefix(printed, []byte("b'")) {
		return []byte(text)
	}
	text, err := strconv.Unquote(`"` + strings.NewReplacer(`"`, `\"`, `\'`, `'`).Replace(text) + `"`)
	if err != nil {
		t.Fatal(err)
	}
	return []byte(text)
}

// answered compares an answer with that of a row of the contract, whose
// request had another identifier and name.
func (a *contractSite) answered(row string, body []byte) {
	a.Helper()
	want := exact(a, readFile(a, filepath.Join("testdata", "contract", row+".json")))
	got := exact(a, a.timeless(compact(a, body)))
	if w, ok := want.(map[string]any); ok && w["images"] != nil {
		g := got.(map[string]any)
		g["requestId"] = w["requestId"]
		if images, ok := g["images"].([]any); ok && len(images) == 1 {
			images[0].(map[string]any)["name"] = "test 1"
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		a.Errorf("answer (-want +got):\n%s", diff)
	}
}
