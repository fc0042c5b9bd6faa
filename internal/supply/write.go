package main

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
)

// notice writes the list of parts, and each text of a licence once.
func notice(w io.Writer, parts []part) error {
	b := bufio.NewWriter(w)
	fmt.Fprint(b, "Seosik is made of, and comes with, what others have written. This file is made by\n`make notice`. The numbers are those of the texts below.\n\n")
	var texts []string
	for _, p := range parts {
		var numbers []string
		for _, text := range p.texts {
			i := slices.Index(texts, text)
			if i < 0 {
				i, texts = len(texts), append(texts, text)
			}
			numbers = append(numbers, fmt.Sprintf("[%d]", i+1))
		}
		fmt.Fprintln(b, strings.TrimSpace(strings.Join([]string{p.name, p.version}, " "))+": "+p.licence+" "+strings.Join(numbers, ""))
		if p.about != "" {
			fmt.Fprintln(b, "    "+p.about)
		}
	}
	for i, text := range texts {
		fmt.Fprintf(b, "\n%s\n[%d]\n\n%s\n", strings.Repeat("-", 80), i+1, text)
	}
	return b.Flush()
}

// A bom is an SBOM, see the specification of CycloneDX 1.6. It has no time and no
// serial number: of the same parts it is the same.
type bom struct {
	Format   string `json:"bomFormat"`
	Spec     string `json:"specVersion"`
	Version  int    `json:"version"`
	Metadata struct {
		Component component `json:"component"`
	} `json:"metadata"`
	Components []component `json:"components"`
}

type component struct {
	Type        string    `json:"type"`
	Ref         string    `json:"bom-ref,omitempty"`
	Name        string    `json:"name"`
	Version     string    `json:"version,omitempty"`
	Description string    `json:"description,omitempty"`
	Hashes      []sum     `json:"hashes,omitempty"`
	Licenses    []licence `json:"licenses,omitempty"`
	URL         string    `json:"purl,omitempty"`
}

type sum struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

type licence struct {
	Expression string `json:"expression"`
}

func sbom(version string, parts []part) bom {
	b := bom{Format: "CycloneDX", Spec: "1.6", Version: 1}
	b.Metadata.Component = component{Type: "application", Name: "seosik", Version: version}
	for _, p := range parts {
		c := component{Type: "library", Ref: p.url, Name: p.name, Version: p.version, Description: p.about, URL: p.url}
		if strings.HasPrefix(p.about, "a model") {
			c.Type = "machine-learning-model"
		}
		for algorithm, content := range p.hashes {
			c.Hashes = append(c.Hashes, sum{algorithm, content})
		}
		if p.licence != "" {
			c.Licenses = []licence{{p.licence}}
		}
		b.Components = append(b.Components, c)
	}
	return b
}
