package main

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// A part is something by others that Seosik is made of or comes with.
type part struct {
	name, version string
	url           string            // as packages are named in SBOMs, see the purl specification
	licence       string            // SPDX
	about         string            // what it is for, where that is not plain
	hashes        map[string]string // by algorithm, hexadecimal
	texts         []string          // of licences and notices
}

// all returns the parts of the repository at root.
func all(ctx context.Context, root string) ([]part, error) {
	modules, err := goModules(ctx, root)
	if err != nil {
		return nil, err
	}
	packages, err := npmPackages(root)
	if err != nil {
		return nil, err
	}
	rest, err := others(root)
	parts := slices.Concat(modules, packages, rest)
	for i, p := range parts {
		if len(p.texts) == 0 {
			parts[i].texts = textLike(parts, p.licence)
		}
	}
	return parts, err
}

// textLike returns the text of another part with a licence whose text is the same
// for all.
func textLike(parts []part, licence string) []string {
	for _, p := range parts {
		if p.licence == licence && len(p.texts) == 1 {
			return p.texts
		}
	}
	return nil
}

// chosen are the licences of parts that leave a choice.
var chosen = map[string]string{
	"kernel.org/pub/linux/libs/security/libcap/psx": "BSD-3-Clause", // or GPL-2.0
}

var licenceFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)`)

// textsOf returns the files with licences and notices of a folder.
func textsOf(dir string) (texts []string, err error) {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		// The logo of a project is not in the program.
		if e.IsDir() || !licenceFile.MatchString(e.Name()) || strings.HasSuffix(e.Name(), "-LOGO") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		texts = append(texts, strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n")))
	}
	return texts, err
}

// known returns the SPDX names of the licences in texts.
func known(texts []string) string {
	var ids []string
	for _, text := range texts {
		for _, m := range licensecheck.Scan([]byte(text)).Match {
			if id := m.ID; !m.IsURL && !slices.Contains(ids, id) && id != "GooglePatentClause" && id != "GooglePatentsFile" {
				ids = append(ids, id)
			}
		}
	}
	slices.Sort(ids)
	return strings.Join(ids, " AND ")
}

// goModules returns Go itself and the modules that the program is built of.
func goModules(ctx context.Context, root string) ([]part, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}", ".")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=1")
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	slices.Sort(lines)
	parts := []part{}
	goroot, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return nil, err
	}
	lines = append(lines, "std "+strings.TrimPrefix(runtime.Version(), "go")+" "+strings.TrimSpace(string(goroot)))
	for _, line := range slices.Compact(lines) {
		fields := strings.SplitN(line, " ", 3)
		if len(fields) < 3 { // of a package of Go itself
			continue
		}
		p := part{name: fields[0], version: fields[1], url: "pkg:golang/" + fields[0] + "@" + fields[1]}
		if p.texts, err = textsOf(fields[2]); err != nil {
			return nil, err
		}
		if p.name == "std" {
			p.about, p.version = "Go's own packages", "" // any release of Go may build it
			p.url = "pkg:golang/std"
		}
		if p.licence = cmp.Or(chosen[p.name], known(p.texts)); p.licence == "" {
			return nil, fmt.Errorf("%s: no licence is known", p.name)
		}
		parts = append(parts, p)
	}
	return parts, nil
}

// shipped are the npm packages of which something is in the program or comes with it.
var shipped = map[string]string{
	"htmx.org":         "in the browser",
	"openseadragon":    "in the browser",
	"tweetnacl":        "in the browser",
	"onnxruntime-node": "libonnxruntime.so.1, which runs the second reader",
}

// npmPackages returns those of shipped. All others build nothing that is shipped.
func npmPackages(root string) (parts []part, err error) {
	text, err := os.ReadFile(filepath.Join(root, "package-lock.json"))
	if err != nil {
		return nil, err
	}
	var lock struct {
		Packages map[string]struct{ Version, License, Integrity string }
	}
	if err := json.Unmarshal(text, &lock); err != nil {
		return nil, err
	}
	for name, about := range shipped {
		locked, ok := lock.Packages["node_modules/"+name]
		if !ok {
			return nil, fmt.Errorf("%s is not in package-lock.json", name)
		}
		p := part{name: name, version: locked.Version, url: "pkg:npm/" + name + "@" + locked.Version, licence: locked.License, about: about}
		sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(locked.Integrity, "sha512-"))
		if err != nil {
			return nil, err
		}
		p.hashes = map[string]string{"SHA-512": hex.EncodeToString(sum)}
		if p.texts, err = textsOf(filepath.Join(root, "node_modules", name)); err != nil {
			return nil, fmt.Errorf("%w (make models brings it)", err)
		}
		if name == "onnxruntime-node" { // the package has no text
			p.texts, err = texts(root, "internal/supply/licences/onnxruntime.txt")
		}
		if err != nil || p.licence == "" || len(p.texts) == 0 {
			return nil, errors.Join(err, fmt.Errorf("%s: no licence is known", name))
		}
		parts = append(parts, p)
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Compare(a.name, b.name) })
	return parts, nil
}

func texts(root string, files ...string) (all []string, err error) {
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join(root, f))
		if err != nil {
			return nil, err
		}
		all = append(all, strings.TrimSpace(string(text)))
	}
	return all, nil
}

// others returns what no package manager knows: libraries as WebAssembly, and models.
func others(root string) (parts []part, err error) {
	pdfium := part{
		name: "pdfium", url: "pkg:generic/pdfium", licence: "BSD-3-Clause", about: "as WebAssembly in the module github.com/klippa-app/go-pdfium; " +
			"in it are FreeType (FTL), OpenJPEG (BSD-2-Clause), libjpeg-turbo (IJG AND BSD-3-Clause), Little CMS (MIT), libtiff (libtiff), zlib (Zlib), Anti-Grain Geometry (AGG-2.3), Abseil (Apache-2.0) and ICU (Unicode-3.0)",
	}
	if pdfium.texts, err = texts(root, "internal/supply/licences/pdfium.txt"); err != nil {
		return nil, err
	}
	const wasm = "3634a6447ea3915633667f39e01ff540a60f4e2f837a8391d044d76dfd8a0435"
	parts = append(parts, pdfium)
	for _, p := range []part{{name: "libheif", version: "1.18.2"}, {name: "libde265", version: "1.0.15"}} {
		p.url, p.licence = "pkg:generic/"+p.name+"@"+p.version, "LGPL-3.0-or-later"
		p.about = "as WebAssembly, internal/scan/heif/heif.wasm.gz; how to put another build in its place is said in docs/supply-chain.md"
		p.hashes = map[string]string{"SHA-256": wasm}
		if p.texts, err = texts(root, "internal/scan/heif/LICENSE."+p.name); err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	manifests, err := filepath.Glob(filepath.Join(root, "internal/ocr/ppocr/*/manifest.json"))
	if err != nil {
		return nil, err
	}
	for _, file := range manifests {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var m struct {
			Name, Licence, Source, Network string
			SHA256                         map[string]string
		}
		if err := json.Unmarshal(text, &m); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		parts = append(parts, part{
			name: m.Name, url: "pkg:generic/" + m.Name, licence: m.Licence, about: "a model: " + m.Source,
			hashes: map[string]string{"SHA-256": m.SHA256[m.Network]},
		})
	}
	return parts, nil
}

// debian returns the Debian packages in files, whose names say which they are.
func debian(files []string) (parts []part) {
	for _, f := range files {
		fields := strings.Split(strings.TrimSuffix(filepath.Base(f), ".deb"), "_")
		if len(fields) != 3 || fields[0] == "seosik" {
			continue
		}
		version := strings.ReplaceAll(fields[1], "%3a", ":")
		parts = append(parts, part{
			name: fields[0], version: version, url: "pkg:deb/debian/" + fields[0] + "@" + version + "?arch=" + fields[2],
			about: "its licence is in /usr/share/doc/" + fields[0] + "/copyright once it is installed",
		})
	}
	return parts
}
