package clova

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
)

// jsonWith returns the JSON of a request with more members, which go before
// those that every request here has.
func jsonWith(top, image string) string {
	return `{` + top + `"version":"V2","requestId":"r","timestamp":1,"images":[{` + image + `"format":"png","name":"n"}]}`
}

// plain is what jsonWith("", `"data":"aGVsbG8=",`) asks for.
func plain() Request {
	return Request{Version: V2, ID: "r", Timestamp: 1, Image: Image{Name: "n", Format: "png", Head: []byte("hello")}}
}

func TestReadRequest(t *testing.T) {
	const data = `"data":"aGVsbG8=",`
	for _, tt := range []struct {
		name, contentType, body string
		want                    func(*Request) // changes plain
	}{
		{"json", "application/json", jsonWith("", data), nil},
		{"charset", "application/json; charset=utf-8", jsonWith("", data), nil},
		{"curl --data-raw", "application/x-www-form-urlencoded", jsonWith("", data), nil},
		{"no content type", "", jsonWith("", data), nil},
		{"wrong content type", "multipart/form-data; boundary=x", jsonWith("", data), nil},
		{"byte order mark and blank lines", "", "\ufeff\r\n " + jsonWith("", data) + "\r\n", nil},
		{"unknown keys", "", jsonWith(`"resultType":"string","data":"!","templateIds":["1"],"enableTableDetection":"false",`, data+`"extra":{"data":[{"a":null}]},`), nil},
		{"null members", "", jsonWith(`"lang":null,`, data+`"url":null,"templateIds":null,`), nil},

		{"version V1", "", strings.Replace(jsonWith("", data), "V2", "V1", 1), func(r *Request) { r.Version = V1 }},
		{"version v1", "", strings.Replace(jsonWith("", data), "V2", "v1", 1), func(r *Request) { r.Version = V1 }},
		{"request id no UUID", "", strings.Replace(jsonWith("", data), `"r"`, `"guide-json-데모"`, 1), func(r *Request) { r.ID = "guide-json-데모" }},
		{"request id a number", "", strings.Replace(jsonWith("", data), `"r"`, `12`, 1), func(r *Request) { r.ID = "12" }},
		{"no request id, timestamp or name", "", `{"version":"V2","images":[{"format":"png","data":"aGVsbG8="}]}`, func(r *Request) { r.ID, r.Timestamp, r.Image.Name = "", 0, "" }},
		{"timestamp in ms", "", strings.Replace(jsonWith("", data), `:1,`, `:1584062336793,`, 1), func(r *Request) { r.Timestamp = 1584062336793 }},
		{"timestamp a string", "", strings.Replace(jsonWith("", data), `:1,`, `:"1584062336793",`, 1), func(r *Request) { r.Timestamp = 1584062336793 }},
		{"timestamp with a fraction", "", strings.Replace(jsonWith("", data), `:1,`, `:1584062336.75,`, 1), func(r *Request) { r.Timestamp = 1584062336 }},

		{"language", "", jsonWith(`"lang":"ko",`, data), func(r *Request) { r.Languages = []string{"ko"} }},
		{"languages", "", jsonWith(`"lang":"ko,ja,zh-TW",`, data), func(r *Request) { r.Languages = []string{"ko", "ja", "zh-TW"} }},
		{"languages with blanks", "", jsonWith(`"lang":" ko, en ,zh-tw,ko",`, data), func(r *Request) { r.Languages = []string{"ko", "en", "zh-TW"} }},
		{"unknown language", "", jsonWith(`"lang":"xx",`, data), nil},

		{"format", "", strings.Replace(jsonWith("", data), "png", "TIF", 1), func(r *Request) { r.Image.Format = "tif" }},
		{"url", "", jsonWith("", `"url":"https://example.com/a.png",`), func(r *Request) { r.Image.Head, r.Image.URL = nil, "https://example.com/a.png" }},
		{"url and empty data", "", jsonWith("", `"data":"","url":"https://example.com/a.png",`), func(r *Request) { r.Image.Head, r.Image.URL = nil, "https://example.com/a.png" }},
		{"data wins over url", "", jsonWith("", `"url":"https://example.com/a.png",`+data), func(r *Request) { r.Image.URL = "https://example.com/a.png" }},

		{"template ids", "", jsonWith("", data+`"templateIds":[43024,43025],`), func(r *Request) { r.Image.Templates = []form.TemplateID{43024, 43025} }},
		{"template ids as strings", "", jsonWith("", data+`"templateIds":["43024"," 43025"],`), func(r *Request) { r.Image.Templates = []form.TemplateID{43024, 43025} }},
		{"one template id", "", jsonWith("", data+`"templateIds":390,`), func(r *Request) { r.Image.Templates = []form.TemplateID{390} }},
		{"one template id as a double", "", jsonWith("", data+`"templateIds":[390.0],`), func(r *Request) { r.Image.Templates = []form.TemplateID{390} }},
		{"no template ids", "", jsonWith("", data+`"templateIds":[],`), nil},

		{"base64 without padding", "", jsonWith("", `"data":"aGVsbG8",`), nil},
		{"base64 in lines", "", jsonWith("", `"data":"aGVs\r\nbG8=\n",`), nil},
		{"base64 in bare lines", "", jsonWith("", "\"data\":\"aGVs\r\nbG8=\r\n\","), nil}, // as MSXML writes it
		{"base64 of a data URI", "", jsonWith("", `"data":"data:image/png;base64,aGVsbG8=",`), nil},
		{"base64 with slashes escaped", "", jsonWith("", `"data":"\/\/79",`), func(r *Request) { r.Image.Head = []byte("\xff\xfe\xfd") }}, // PHP
		{"base64 with plus escaped", "", jsonWith("", `"data":"\u002B\u002bA=",`), func(r *Request) { r.Image.Head = []byte("\xfb\xe0") }},
		{"base64 for URLs", "", jsonWith("", `"data":"__79",`), func(r *Request) { r.Image.Head = []byte("\xff\xfe\xfd") }},
		{"array of signed bytes", "", jsonWith("", `"data":[-1, -2,3 ,127],`), func(r *Request) { r.Image.Head = []byte{255, 254, 3, 127} }},
		{"blanks around the colon", "", jsonWith("", `"data" : "aGVsbG8=",`), nil},
		{"control character in a name", "", strings.Replace(jsonWith("", data), `"n"`, "\"a\x01\tb\"", 1), func(r *Request) { r.Image.Name = "a\x01\tb" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := plain()
			if tt.want != nil {
				tt.want(&want)
			}
			check(t, tt.contentType, tt.body, &want)
		})
	}
}

// check compares what body is read as, also when it arrives byte by byte.
func check(t *testing.T, contentType, body string, want *Request) {
	t.Helper()
	for _, r := range []io.Reader{strings.NewReader(body), iotest.OneByteReader(strings.NewReader(body))} {
		store := newStore(t)
		got, err := ReadRequest(contentType, r, store.Store, Limits{})
		if err != nil {
			t.Fatalf("ReadRequest: %v", err)
		}
		if file := got.Image.File; file != nil {
			if data, err := file.Bytes(); err != nil || !bytes.Equal(data, want.Image.Head) {
				t.Errorf("the file is %q, %v, want %q", data, err, want.Image.Head)
			}
			file.Discard()
		}
		store.empty(t)
		if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Image{}, "File")); diff != "" {
			t.Errorf("ReadRequest (-want +got):\n%s", diff)
		}
	}
}

// A store is one that can be looked into.
type store struct {
	blob.Store
	dir string
}

func newStore(t testing.TB) store {
	t.Helper()
	dir := t.TempDir()
	s, err := blob.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return store{s, dir}
}

// empty ends the test where a file was left in s.
func (s store) empty(t testing.TB) {
	t.Helper()
	err := filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			err = fmt.Errorf("%s was left", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// fileOf returns a file that holds data.
func (s store) fileOf(t testing.TB, data string) *blob.Draft {
	t.Helper()
	d, err := s.Create()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(d, data); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestReadRequestMultipart(t *testing.T) {
	message := jsonWith("", "")
	java := "--" + "----0123" + "\r\nContent-Disposition:form-data; name=\"message\"\r\n\r\n" + message + "\r\n"
	javaFile := java + "------0123\r\nContent-Disposition:form-data; name=\"file\"; filename=\"표.jpg\"\r\nContent-Type: application/octet-stream\r\n\r\nhello\r\n"
	parts := func(boundary string, part ...string) string {
		var b strings.Builder
		for _, p := range part {
			fmt.Fprintf(&b, "--%s\r\n%s\r\n", boundary, p)
		}
		return b.String() + "--" + boundary + "--\r\n"
	}
	msg := "Content-Disposition: form-data; name=\"message\"\r\n\r\n" + message
	file := "Content-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\nhello"
	for _, tt := range []struct {
		name, contentType, body string
		want                    func(*Request)
	}{
		{"the Java sample", "multipart/form-data; boundary=----0123", javaFile + "------0123--\r\n", nil},
		{"no closing boundary", "multipart/form-data; boundary=----0123", javaFile, nil},
		{
			"the Java sample without a file", "multipart/form-data; boundary=----0123",
			strings.Replace(java, `"format"`, `"url":"https://example.com/a.png","format"`, 1),
			func(r *Request) { r.Image.Head, r.Image.URL = nil, "https://example.com/a.png" },
		},
		{"message first", "multipart/form-data; boundary=b", parts("b", msg, file), nil},
		{"file first", "multipart/form-data; boundary=b", parts("b", file, msg), nil},
		{"message with a type and a name", "multipart/form-data; boundary=b", parts("b", file, "Content-Disposition: form-data; name=\"message\"; filename=\"blob\"\r\nContent-Type: application/json\r\n\r\n"+message), nil},
		{"file without a name", "multipart/form-data; boundary=b", parts("b", msg, "Content-Disposition: form-data; name=file\r\nContent-Type: image/png\r\n\r\nhello"), nil},
		{"file name without quotes", "multipart/form-data; boundary=b", parts("b", msg, "Content-Disposition: form-data; name=file; filename=서식 1.png\r\n\r\nhello"), nil},
		{"other parts", "multipart/form-data; boundary=b", parts("b", "Content-Disposition: form-data; name=\"x\"\r\n\r\ny", msg, file), nil},
		{"file wins over data", "multipart/form-data; boundary=b", parts("b", "Content-Disposition: form-data; name=\"message\"\r\n\r\n"+jsonWith("", `"data":"AAAA",`), file), nil},
		{"data and no file", "multipart/form-data; boundary=b", parts("b", "Content-Disposition: form-data; name=\"message\"\r\n\r\n"+jsonWith("", `"data":"aGVsbG8=",`)), nil},
		{"quoted boundary", `multipart/form-data; boundary="a/b c:d"`, parts("a/b c:d", msg, file), nil},
		{"boundary that needs quotes and has none", `multipart/form-data; boundary=a/b:c=1`, parts("a/b:c=1", msg, file), nil},
		{"no boundary", `multipart/form-data`, parts("b", msg, file), nil},
		{"no content type", ``, parts("b", msg, file), nil},
		{"multipart/mixed", `Multipart/Mixed; boundary=b`, parts("b", msg, file), nil},
		{"line feeds only", `multipart/form-data; boundary=b`, strings.ReplaceAll(parts("b", msg, file), "\r\n", "\n"), nil},
		{"preamble", `multipart/form-data; boundary=b`, "made by hand\r\n" + parts("b", msg, file), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := plain()
			if tt.want != nil {
				tt.want(&want)
			}
			check(t, tt.contentType, tt.body, &want)
		})
	}
}

func TestReadRequestErrors(t *testing.T) {
	const data = `"data":"aGVsbG8=",`
	const form = "multipart/form-data; boundary=b"
	good := jsonWith("", data)
	for _, tt := range []struct {
		name, contentType, body string
		want                    *Error
		message                 string
	}{
		{"nothing", "application/json", "", ErrBody, "it is empty"},
		{"blanks", "application/json", " \n ", ErrBody, "it is empty"},
		{"text", "text/plain", "hello", ErrBody, "it is neither JSON nor multipart/form-data"},
		{"array", "application/json", "[]", ErrBody, "it is neither JSON nor multipart/form-data"},
		{"half", "application/json", good[:len(good)/2], ErrBody, "not JSON"},
		{"half of data", "application/json", good[:20], ErrBody, "not JSON"},
		{"twice", "application/json", good + good, ErrBody, "something follows the JSON"},
		{"no version", "", strings.Replace(good, `"version":"V2",`, "", 1), ErrVersion, "version must be V1 or V2"},
		{"version V3", "", strings.Replace(good, `V2`, "V3", 1), ErrVersion, "version must be V1 or V2"},
		{"no images", "", `{"version":"V2"}`, ErrBody, "images must have exactly one element, not 0"},
		{"two images", "", `{"version":"V2","images":[{},{}]}`, ErrBody, "images must have exactly one element, not 2"},
		{"images no array", "", `{"version":"V2","images":"x"}`, ErrBody, "images is of the wrong type"},
		{"no format", "", `{"version":"V2","images":[{` + data + `"name":"n"}]}`, ErrBody, "images[0].format must be one of jpg, jpeg, png, pdf, tiff, tif"},
		{"format bmp", "", strings.Replace(good, `png`, "bmp", 1), ErrBody, "images[0].format must be one of jpg, jpeg, png, pdf, tiff, tif"},
		{"no image", "", jsonWith("", ""), ErrBody, `there is no image: set images[0].data or images[0].url, or send a part "file"`},
		{"empty image", "", jsonWith("", `"data":"",`), ErrBody, `there is no image: set images[0].data or images[0].url, or send a part "file"`},
		{"data no base64", "", jsonWith("", `"data":"aGV%",`), ErrBody, "images[0].data: not base64"},
		{"data after its padding", "", jsonWith("", `"data":"aGVsbG8=aGVs",`), ErrBody, "images[0].data: not base64"},
		{"data one digit too long", "", jsonWith("", `"data":"aGVsb",`), ErrBody, "images[0].data: not base64"},
		{"data an object", "", jsonWith("", `"data":{},`), ErrBody, "images[0].data: not base64"},
		{"data a number", "", jsonWith("", `"data":0,`), ErrBody, "images[0].data: not base64"},
		{"data of numbers too large", "", jsonWith("", `"data":[1,256],`), ErrBody, "images[0].data: not base64"},
		{"data of strings", "", jsonWith("", `"data":["a"],`), ErrBody, "images[0].data: not base64"},
		{"timestamp a word", "", strings.Replace(good, `:1,`, `:"now",`, 1), ErrBody, "timestamp: not a number"},
		{"template ids words", "", jsonWith("", data+`"templateIds":["a"],`), ErrBody, "images[0].templateIds: not a number"},
		{"template ids objects", "", jsonWith("", data+`"templateIds":[{}],`), ErrBody, "images[0].templateIds: not a number"},
		{"no message", form, "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nhello\r\n--b--\r\n", ErrBody, `the part "message" is missing`},
		{"empty message", form, "--b\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\n\r\n--b--\r\n", ErrBody, "it is empty"},
		{"no parts", form, "hello", ErrBody, `the part "message" is missing`},
		{"no image in parts", form, "--b\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\n" + jsonWith("", "") + "\r\n--b--\r\n", ErrBody, `there is no image: set images[0].data or images[0].url, or send a part "file"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			store := newStore(t)
			_, err := ReadRequest(tt.contentType, strings.NewReader(tt.body), store.Store, Limits{})
			wantError(t, err, tt.want, tt.message)
			store.empty(t)
		})
	}
}

func wantError(t *testing.T, err error, want *Error, detail string) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error %v, want %v", err, want)
	}
	if diff := cmp.Diff(want.Because("%s", detail), err); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
}

// endless yields a byte for ever.
type endless byte

func (b endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(b)
	}
	return len(p), nil
}

func TestReadRequestLimits(t *testing.T) {
	const limit = 2 << 20
	store := newStore(t)
	base64Of := func(n int) string { return base64.StdEncoding.EncodeToString(make([]byte, n)) }
	inJSON := func(n int) string { return jsonWith("", `"data":"`+base64Of(n)+`",`) }
	inNumbers := func(n int) string { return jsonWith("", `"data":[0`+strings.Repeat(",0", n-1)+`],`) }
	const form = "multipart/form-data; boundary=b"
	inPart := func(n int) string {
		return "--b\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\n" + jsonWith("", "") +
			"\r\n--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n" + strings.Repeat("x", n) + "\r\n--b--"
	}
	for _, tt := range []struct {
		name, contentType string
		body              func(n int) string
	}{{"json", "", inJSON}, {"numbers", "", inNumbers}, {"multipart", form, inPart}} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := ReadRequest(tt.contentType, strings.NewReader(tt.body(limit)), store.Store, Limits{Bytes: limit})
			if err != nil || r.Image.File.Size() != limit {
				t.Fatalf("a file at the limit: %v", err)
			}
			r.Image.File.Discard()
			_, err = ReadRequest(tt.contentType, strings.NewReader(tt.body(limit+1)), store.Store, Limits{Bytes: limit})
			if err == nil || !strings.HasSuffix(err.Error(), "the file is larger than 2 MB") {
				t.Errorf("a file over the limit: %v", err)
			}
		})
	}
	t.Run("the default", func(t *testing.T) {
		head := strings.NewReader(`{"images":[{"data":"`)
		_, err := ReadRequest("", io.MultiReader(head, endless('A')), store.Store, Limits{})
		wantError(t, err, ErrBody, "the file is larger than 50 MB")
	})
	t.Run("two files", func(t *testing.T) {
		d := `"data":"` + base64Of(limit*2/3) + `",`
		_, err := ReadRequest("", strings.NewReader(jsonWith("", d+d)), store.Store, Limits{Bytes: limit})
		wantError(t, err, ErrBody, "the file is larger than 2 MB")
	})
	for name, head := range map[string]string{
		"a long string":   `{"requestId":"`,
		"a long number":   `{"timestamp":`,
		"a long part":     "--b\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\n{\"x\":",
		"data of another": `{"data":"`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadRequest("", io.MultiReader(strings.NewReader(head), endless('1')), store.Store, Limits{Bytes: limit})
			wantError(t, err, ErrBody, errMessage.Error())
		})
	}
	t.Run("endless blanks", func(t *testing.T) {
		_, err := ReadRequest("", io.MultiReader(strings.NewReader(`{"images":[{"data":"`), endless(' ')), store.Store, Limits{Bytes: limit})
		wantError(t, err, ErrBody, "the file is larger than 2 MB")
	})
	t.Run("many files", func(t *testing.T) {
		_, err := ReadRequest("", strings.NewReader(jsonWith("", strings.Repeat(`"data":"",`, maxFiles+1))), store.Store, Limits{})
		wantError(t, err, ErrBody, errFiles.Error())
	})
	t.Run("deep", func(t *testing.T) {
		_, err := ReadRequest("", strings.NewReader(`{"x":`+strings.Repeat("[", 1<<19)), store.Store, Limits{})
		wantError(t, err, ErrBody, "not JSON")
	})
	t.Run("cut off", func(t *testing.T) {
		body := io.MultiReader(strings.NewReader(inPart(100)[:200]), iotest.ErrReader(io.ErrUnexpectedEOF))
		_, err := ReadRequest(form, body, store.Store, Limits{})
		wantError(t, err, ErrBody, "the body was cut off")
	})
	store.empty(t)
}

// What clients of other languages put on the wire: the bytes of their HTTP
// libraries, around the message that the samples of the original send.
func TestReadRequestFromClients(t *testing.T) {
	const message = `{"images": [{"format": "jpg", "name": "demo"}], "requestId": "5fc0b4a5", "version": "V2", "timestamp": 1584062336793}`
	const withData = `{"images":[{"format":"jpg","name":"demo","data":"aGVsbG8="}],"requestId":"5fc0b4a5","version":"V2","timestamp":1584062336793}`
	lines := func(line ...string) string { return strings.Join(line, "\r\n") + "\r\n" }
	for _, tt := range []struct {
		name, contentType, body string
	}{
		{"Python requests", "multipart/form-data; boundary=3a1fc8e2dd5a4e5f9f3b1f0f6d1c2b3a", lines(
			"--3a1fc8e2dd5a4e5f9f3b1f0f6d1c2b3a", `Content-Disposition: form-data; name="message"`, "", message,
			"--3a1fc8e2dd5a4e5f9f3b1f0f6d1c2b3a", `Content-Disposition: form-data; name="file"; filename="demo.jpg"`, "", "hello",
			"--3a1fc8e2dd5a4e5f9f3b1f0f6d1c2b3a--")},
		{"Python requests, JSON", "application/json", strings.ReplaceAll(withData, ",", ", ")},
		{"Node form-data", "multipart/form-data; boundary=--------------------------310761406135104137310761", lines(
			"----------------------------310761406135104137310761", `Content-Disposition: form-data; name="file"; filename="example.png"`, "Content-Type: image/png", "", "hello",
			"----------------------------310761406135104137310761", `Content-Disposition: form-data; name="message"`, "", message,
			"----------------------------310761406135104137310761--")},
		{"Node axios, JSON", "application/json;charset=utf-8", withData},
		{"PHP curl", "multipart/form-data; boundary=------------------------2b9d3f0a1c4e5d6f", lines(
			"--------------------------2b9d3f0a1c4e5d6f", `Content-Disposition: form-data; name="message"`, "", message,
			"--------------------------2b9d3f0a1c4e5d6f", `Content-Disposition: form-data; name="file"; filename="/var/www/demo.jpg"`, "Content-Type: application/octet-stream", "", "hello",
			"--------------------------2b9d3f0a1c4e5d6f--")},
		{"PHP json_encode", "application/json; charset=utf-8", strings.ReplaceAll(withData, "/", `\/`)},
		{"Java DataOutputStream, byte array", "application/json; charset=utf-8", strings.Replace(withData, `"aGVsbG8="`, "[104,101,108,108,111]", 1)},
		{"ASP MSXML", "application/json", strings.Replace(withData, "aGVsbG8=", "aGVs\nbG8=\n", 1)},
		{"Spring RestTemplate", "multipart/form-data;charset=UTF-8;boundary=Tz0xXq-7_v", lines(
			"--Tz0xXq-7_v", `Content-Disposition: form-data; name="message"`, "Content-Type: application/json", "Content-Length: 119", "", message,
			"--Tz0xXq-7_v", `Content-Disposition: form-data; name="file"; filename="=?UTF-8?Q?=EC=84=9C=EC=8B=9D.jpg?="`, "Content-Type: application/octet-stream", "Content-Length: 5", "", "hello",
			"--Tz0xXq-7_v--")},
		{".NET HttpClient", `multipart/form-data; boundary="f0a3c1d2-8d1e/4c1b: 9f"`, lines(
			"--f0a3c1d2-8d1e/4c1b: 9f", "Content-Type: text/plain; charset=utf-8", "Content-Disposition: form-data; name=message", "", message,
			"--f0a3c1d2-8d1e/4c1b: 9f", "Content-Disposition: form-data; name=file; filename=scan; filename*=utf-8''scan", "", "hello",
			"--f0a3c1d2-8d1e/4c1b: 9f--")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			check(t, tt.contentType, tt.body, &Request{
				Version: V2, ID: "5fc0b4a5", Timestamp: 1584062336793,
				Image: Image{Name: "demo", Format: "jpg", Head: []byte("hello")},
			})
		})
	}
}

// The base64 decoder agrees with Go's on all lengths, wherever it is cut.
func TestBase64Decoder(t *testing.T) {
	data := []byte("\x00\xff\xfe 서식 any bytes 0123456789")
	for n := range data {
		for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
			s := []byte(enc.EncodeToString(data[:n]))
			for cut := range s {
				to := &sink{draft: new(blob.Draft), left: n}
				d := base64Decoder{to: to}
				if err := errors.Join(d.write(s[:cut]), d.write(s[cut:]), d.end()); err != nil {
					t.Fatalf("write(%q): %v", s, err)
				}
				if !bytes.Equal(to.ready, data[:n]) || to.left != 0 {
					t.Fatalf("decode %q = %q", s, to.ready)
				}
			}
		}
	}
}

func FuzzReadRequest(f *testing.F) {
	f.Add("application/json", []byte(jsonWith(`"lang":"ko, ja",`, `"data":"data:image/png;base64,aGVs\/bG8=","templateIds":["1",2],`)))
	f.Add("", []byte(jsonWith("", `"data":[-1,2],`)))
	f.Add("", []byte("{\"version\":\"V1\",\"images\":[{\"format\":\"tif\",\"data\":\"\\u002bA\n=\",\"url\":\"x\"}]}"))
	f.Add("multipart/form-data; boundary=b", []byte("--b\r\nContent-Disposition:form-data; name=\"message\"\r\n\r\n"+jsonWith("", "")+"\r\n--b\r\nContent-Disposition: form-data; name=file; filename=a/b\r\n\r\nhello\r\n"))
	f.Add(`multipart/form-data; boundary="a b:c"`, []byte("--a b:c\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nhello\r\n--a b:c--"))
	store := newStore(f)
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		const limit = 1000
		r, err := ReadRequest(contentType, bytes.NewReader(body), store.Store, Limits{Bytes: limit})
		if err != nil {
			if e, ok := errors.AsType[*Error](err); !ok || e.Code == "" {
				t.Fatalf("error %v is none of the protocol", err)
			}
			store.empty(t)
			return
		}
		if r.Version != V1 && r.Version != V2 {
			t.Errorf("version %q", r.Version)
		}
		if r.Image.File == nil {
			if r.Image.URL == "" {
				t.Error("no image")
			}
		} else if data, err := r.Image.File.Bytes(); err != nil || len(data) == 0 || len(data) > limit || !bytes.Equal(data, r.Image.Head) {
			t.Errorf("%d bytes of data and %d of its head, %v", len(data), len(r.Image.Head), err)
		}
		r.Image.File.Discard()
		store.empty(t)
	})
}

// FuzzReadVerdict fuzzes what an external validation answers.
func FuzzReadVerdict(f *testing.F) {
	for _, answer := range []string{``, `{"result":"VALID"}`, `{"image":{"validationResult":{"result":"invalid","message":"\ud800"}}}`, `{"result":["VALID"]}`} {
		f.Add([]byte(answer))
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		v, err := ReadVerdict(answer)
		if err == nil && (v.Verdict == "" || !utf8.ValidString(v.Message) || utf8.RuneCountInString(v.Message) > maxVerdict) {
			t.Errorf("%q is read as %+v", answer, v)
		}
	})
}

// What cannot be stored is no fault of the request.
func TestReadRequestThatCannotBeStored(t *testing.T) {
	for name, body := range map[string]string{
		"json":      jsonWith("", `"data":"aGVsbG8=",`),
		"multipart": "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nhello\r\n--b--\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			store := newStore(t)
			if err := os.RemoveAll(store.dir); err != nil {
				t.Fatal(err)
			}
			_, err := ReadRequest("", strings.NewReader(body), store.Store, Limits{})
			if _, told := errors.AsType[*Error](err); told || !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("error %v, want that of the disk", err)
			}
		})
	}
}

func BenchmarkReadRequest(b *testing.B) {
	body := []byte(jsonWith("", `"data":"`+base64.StdEncoding.EncodeToString(make([]byte, 10<<20))+`",`))
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	store := newStore(b)
	for b.Loop() {
		r, err := ReadRequest("application/json", bytes.NewReader(body), store.Store, Limits{})
		if err != nil {
			b.Fatal(err)
		}
		r.Image.File.Discard()
	}
}
