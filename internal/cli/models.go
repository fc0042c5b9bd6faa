package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/ocr/ppocr"
)

type modelsCmds struct {
	List  modelsListCmd  `cmd:"" help:"List the models of the second reader."`
	Add   modelsAddCmd   `cmd:"" help:"Add a model; a server uses it from its next start on."`
	Check modelsCheckCmd `cmd:"" help:"Verify the models and have each read a line."`
}

// A modelsFlag says where models are.
type modelsFlag struct {
	Models string `help:"Folder of the second reader's models, before those in the data folder, beside the program and in ./models." env:"SEOSIK_MODELS" placeholder:"DIR"`
}

// dirs returns the folders in which models are looked for. None need exist.
func (f modelsFlag) dirs(data string) []string {
	var dirs []string
	add := func(dir string) {
		if abs, err := filepath.Abs(dir); err == nil && !slices.Contains(dirs, abs) {
			dirs = append(dirs, abs)
		}
	}
	if f.Models != "" {
		add(f.Models)
	}
	add(filepath.Join(data, "models"))
	if self, err := os.Executable(); err == nil {
		add(filepath.Join(filepath.Dir(self), "models"))
		add(filepath.Join(filepath.Dir(self), "..", "models")) // where make puts them, beside bin
	}
	add("models")
	return dirs
}

type modelsListCmd struct {
	dataFlag
	modelsFlag
}

// Run prints a line a model, and fails where one is broken.
func (c *modelsListCmd) Run(out io.Writer) error {
	models, broken := ppocr.Models(c.dirs(c.Data))
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tLANGUAGES\tLICENCE\tFOLDER")
	for _, m := range models {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", m.Name, strings.Join(m.Languages, ","), m.Licence, m.Dir)
	}
	return errors.Join(w.Flush(), broken)
}

type modelsAddCmd struct {
	dataFlag
	modelsFlag
	Path       string   `arg:"" help:"Folder with a manifest.json, or a network (.onnx), whose manifest the flags below say."`
	To         string   `help:"Folder to add it to; empty for models in the data folder." placeholder:"DIR"`
	Name       string   `help:"Name of the network."`
	Lang       []string `help:"Languages that it reads." placeholder:"ko,en"`
	Dictionary string   `help:"Its dictionary: one symbol a line." placeholder:"FILE"`
	Height     int      `help:"Height of a line, in pixels." default:"48"`
	Licence    string   `help:"Its licence." default:"unknown"`
	Source     string   `help:"Where it comes from." default:"unknown"`
}

// Run copies the model and has it read a line.
func (c *modelsAddCmd) Run(ctx context.Context, out io.Writer) error {
	to := c.To
	if to == "" {
		to = filepath.Join(c.Data, "models")
	}
	dir := c.Path
	if filepath.Ext(c.Path) == ".onnx" {
		made, err := os.MkdirTemp("", "seosik-model-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(made)
		m := ppocr.Manifest{
			Name: c.Name, Kind: ppocr.Kind, Languages: c.Lang, Height: c.Height,
			Mean: .5, Deviation: .5, Licence: c.Licence, Source: c.Source,
		}
		if err := ppocr.Describe(made, m, c.Path, c.Dictionary); err != nil {
			return err
		}
		dir = made
	}
	m, err := ppocr.Add(dir, to)
	if err != nil {
		return err
	}
	if err := checkModel(ctx, m, c.dirs(c.Data)); err != nil {
		return errors.Join(fmt.Errorf("%s: %w", m.Name, err), os.RemoveAll(m.Dir))
	}
	_, err = fmt.Fprintf(out, "%s\t%s\t%s\n", m.Name, strings.Join(m.Languages, ","), m.Dir)
	return err
}

type modelsCheckCmd struct {
	dataFlag
	modelsFlag
}

// Run verifies the checksums and has each model read a line.
func (c *modelsCheckCmd) Run(ctx context.Context, out io.Writer) error {
	dirs := c.dirs(c.Data)
	models, broken := ppocr.Models(dirs)
	errs := []error{broken}
	if len(models) == 0 && broken == nil {
		errs = append(errs, fmt.Errorf("%w in %s", ppocr.ErrNoModel, strings.Join(dirs, ", ")))
	}
	for _, m := range models {
		if err := checkModel(ctx, m, dirs); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", m.Dir, err))
			continue
		}
		if _, err := fmt.Fprintf(out, "ok  %s reads a test line\n", m.Name); err != nil {
			return err
		}
	}
	return errors.Join(errs...)
}

// checkModel has one model read a line. ONNX Runtime is looked for in dirs.
func checkModel(ctx context.Context, m *ppocr.Model, dirs []string) error {
	e, err := ppocr.New([]*ppocr.Model{m}, dirs)
	if err != nil {
		return err
	}
	defer e.Close()
	return ocr.Check(ctx, e, m.Languages[0])
}
