package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/disk"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/ocr/ppocr"
	"github.com/seosik/seosik/internal/ocr/tesseract"
	"github.com/seosik/seosik/internal/scan"
	"github.com/seosik/seosik/internal/vault"
)

// errSick reports that doctor found something to mend.
var errSick = errors.New("something is missing; see above")

type doctorCmd struct {
	dataFlag
	modelsFlag
	certFlags
	Tessdata string `help:"Folder of Tesseract's language data." env:"SEOSIK_TESSDATA" placeholder:"DIR"`
}

// packages are the Debian packages that bring each language.
var packages = map[string]string{
	"en":    "tesseract-ocr",
	"ko":    "tesseract-ocr-kor",
	"ja":    "tesseract-ocr-jpn",
	"zh-TW": "tesseract-ocr-chi-tra",
}

// fontPackages are the Debian packages of fonts that stand in for those that a
// PDF does not bring.
var fontPackages = map[string]string{
	"ko":    "fonts-nanum",
	"ja":    "fonts-ipafont-gothic",
	"zh-TW": "fonts-wqy-microhei",
}

// Run says what is installed and how to mend what is not.
func (c *doctorCmd) Run(ctx context.Context, out io.Writer) error {
	d := diagnosis{out: out}
	d.clock(time.Now())
	d.data(ctx, c.Data, c.source(c.Data))
	d.certificates(&c.certFlags, c.Data, time.Now())
	d.pdf()
	d.tesseract(ctx, c.Tessdata)
	d.models(ctx, c.dirs(c.Data))
	d.children(ctx, c.Tessdata, c.dirs(c.Data))
	if d.sick {
		return errSick
	}
	_, err := fmt.Fprintln(out, "all is well")
	return err
}

type diagnosis struct {
	out  io.Writer
	sick bool
}

func (d *diagnosis) ok(what, detail string) {
	fmt.Fprintf(d.out, "ok       %-24s %s\n", what, detail)
}

func (d *diagnosis) bad(what, detail, mend string) {
	d.sick = true
	fmt.Fprintf(d.out, "MISSING  %-24s %s\n         %-24s mend: %s\n", what, detail, "", mend)
}

func (d *diagnosis) sorry(what, detail, mend string) {
	d.sick = true
	fmt.Fprintf(d.out, "WRONG    %-24s %s\n         %-24s mend: %s\n", what, detail, "", mend)
}

// data says how the data folder is, of which nothing is changed.
func (d *diagnosis) data(ctx context.Context, dir string, master vault.Source) {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		d.ok("data", dir+" is not there yet: serve makes it")
		return
	}
	d.disk(dir)
	c, err := db.Look(ctx, filepath.Join(dir, "seosik.db"))
	switch {
	case err != nil:
		d.sorry("database", err.Error(), "restore a backup into a new folder: seosik restore --help")
		return
	case c.Schema == 0:
		d.ok("database", "none in "+dir+" yet: serve makes it")
		return
	case c.Schema > c.Wanted:
		d.sorry("database", fmt.Sprintf("schema %d, and this program knows %d", c.Schema, c.Wanted), "run the newer version that has used it")
	case c.Schema < c.Wanted:
		d.ok("database", fmt.Sprintf("schema %d; the next start makes a copy and brings it to %d", c.Schema, c.Wanted))
	default:
		d.ok("database", fmt.Sprintf("schema %d, %d MB", c.Schema, c.Bytes>>20+1))
	}
	d.keys(dir)
	d.keyring(ctx, dir, master)
	d.backups(c.Backups, time.Now())
	d.log(c.Log, time.Now())
}

// log says whether the access log was as it was written, when serve last looked.
func (d *diagnosis) log(c form.LogCheck, now time.Time) {
	at := c.At.Local().Format("2006-01-02 15:04")
	switch {
	case c.Broken():
		d.sorry("access log", fmt.Sprintf("on %s: broken at row %d: %s", at, c.Row, c.Why),
			"keep this folder and its backups as they are, and find out who could write to it: seosik audit verify says how it is now")
	case c.At.IsZero():
		d.ok("access log", "not looked through yet: serve does so once a day")
	case c.Late(now):
		d.sorry("access log", "last looked through on "+at, "see that serve runs, and what its log says; or seosik audit verify")
	default:
		d.ok("access log", fmt.Sprintf("all %d rows were as they were written and signed on %s", c.Rows, at))
	}
}

// certificates says how long those of the site are good, where it is served by https.
func (d *diagnosis) certificates(f *certFlags, data string, now time.Time) {
	if f.TLSCert != "" {
		d.certificate(f.TLSCert, f.TLSCert, f.TLSKey, "have it renewed, with --tls-key for its key; the server reads the files again by itself", now)
	}
	for _, host := range f.hosts() {
		file := filepath.Join(acmeFolder(data), host)
		d.certificate(host, file, file, "see that the authority reaches the site by that name; the log of serve says what it objects", now)
	}
}

func (d *diagnosis) certificate(name, file, key, mend string, now time.Time) {
	read, err := tls.LoadX509KeyPair(file, key)
	if err != nil {
		d.sorry("certificate", name+": "+err.Error(), mend)
		return
	}
	c := form.Certificate{From: read.Leaf.NotBefore, Over: read.Leaf.NotAfter}
	detail := name + ": until " + c.Over.Local().Format("2006-01-02 15:04")
	if c.Late(now) {
		d.sorry("certificate", detail, mend)
		return
	}
	d.ok("certificate", detail)
}

// disk says how much room there is.
func (d *diagnosis) disk(dir string) {
	room, err := disk.RoomAt(dir)
	if err != nil {
		d.sorry("disk", err.Error(), "see that the disk is there")
		return
	}
	if room.ReadOnly {
		d.sorry("disk", dir+" can only be read: nothing can be kept", "stop the server, have the disk checked (fsck, dmesg), and mount it for writing")
		return
	}
	detail := fmt.Sprintf("%d of %d MB are free where %s is", room.Free>>20, room.Total>>20, dir)
	if keep := disk.Usual(room.Total); room.Free < keep {
		d.sorry("disk", fmt.Sprintf("%s, and %d should be: nothing is taken in (unless --min-free says otherwise)", detail, keep>>20), "remove what is not needed, or get a larger disk")
		return
	}
	d.ok("disk", detail)
}

// keys says whether others can read the key files.
func (d *diagnosis) keys(dir string) {
	files, err := filepath.Glob(filepath.Join(dir, "*.key"))
	for _, f := range files {
		info, e := os.Stat(f)
		if e == nil && info.Mode().Perm()&0o077 != 0 {
			e = fmt.Errorf("%s can be read by others", f)
		}
		if err = errors.Join(err, e); err == nil {
			d.ok("key "+filepath.Base(f), "read by its owner only; in encrypted backups too")
		}
	}
	if err != nil {
		d.sorry("keys", err.Error(), "chmod 600 "+filepath.Join(dir, "*.key"))
	}
}

// keyring says whether what is encrypted can be read, and whether all is.
func (d *diagnosis) keyring(ctx context.Context, dir string, master vault.Source) {
	const mend = "put the master key and " + db.KeyringName + " back, or restore a backup into a new folder"
	path := filepath.Join(dir, db.KeyringName)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		d.ok("encryption", "there are no keys yet: serve makes them")
		return
	}
	ring, err := db.OpenKeyring(ctx, path, false)
	if err != nil {
		d.sorry("encryption", err.Error(), mend)
		return
	}
	v, err := master.Unlock(ctx, ring, false)
	if err != nil {
		d.sorry("encryption", errors.Join(err, ring.Close()).Error(), mend)
		return
	}
	s, err := ring.State(ctx)
	err = errors.Join(err, v.Close())
	switch {
	case err != nil:
		d.sorry("encryption", err.Error(), mend)
	case s.Sealed < blob.Shards:
		d.ok("encryption", fmt.Sprintf("%d keys; what releases before wrote is being encrypted while serve runs: %d of %d parts are", s.Keys, s.Sealed, blob.Shards))
	default:
		d.ok("encryption", fmt.Sprintf("%d keys; all pictures and files are encrypted", s.Keys))
	}
	for _, c := range s.Copies {
		if c.Stale {
			d.sorry("copy of the keyring", c.Path+", of "+c.At.Local().Format("2006-01-02 15:04")+", has keys that were destroyed since",
				"see that its disk is there while serve runs; or where it is no more: seosik key forget "+c.Path)
		}
	}
}

// backupAge is after how long a backup is too old, whatever the schedule.
const backupAge = 8 * 24 * time.Hour

// aheadMost is how much a clock may have been set back since a backup.
const aheadMost = time.Hour

// backups says when the last backup was made.
func (d *diagnosis) backups(b form.Backups, now time.Time) {
	const mend = "seosik serve --backup-folder DIR, or seosik backup FILE"
	if b.Failed != nil {
		d.sorry("backup", "failed on "+b.Failed.At.Local().Format("2006-01-02 15:04")+": "+b.Failed.Why, mend)
	}
	switch age := now.Sub(b.Last.At); {
	case b.Last.At.IsZero():
		d.sorry("backup", "there is none", mend)
	case age < -aheadMost:
		d.sorry("backup", "the last one was made by a wrong clock, on "+b.Last.At.Local().Format("2006-01-02 15:04")+": "+b.Last.File, "set the clock, and make another")
	case age > backupAge:
		d.sorry("backup", fmt.Sprintf("the last one is %d days old: %s", age/(24*time.Hour), b.Last.File), mend)
	case b.Last.Lacking > 0:
		d.sorry("backup", fmt.Sprintf("%s is without %d pictures and files that the disk has lost or altered", b.Last.File, b.Last.Lacking),
			"keep older backups, and have the disk looked at")
	default:
		d.ok("backup", b.Last.At.Local().Format("2006-01-02 15:04")+", "+b.Last.File)
	}
}

// clock says what time it is where days begin and end.
func (d *diagnosis) clock(now time.Time) {
	zone := now.Location().String()
	if zone == "Local" {
		zone = "the machine's; another one with --time-zone"
	}
	d.ok("time zone", now.Format("2006-01-02 15:04 -07:00")+" ("+zone+")")
}

// mendModels puts what npm's packages have into ./models.
const mendModels = "make models"

// models looks for the second reader.
func (d *diagnosis) models(ctx context.Context, dirs []string) {
	models, broken := ppocr.Models(dirs)
	if broken != nil {
		d.bad("models", broken.Error(), "remove the folder, or add the model again: seosik models add")
	}
	if len(models) == 0 {
		d.bad("second reader", "no model in "+strings.Join(dirs, ", ")+": what is read is less sure", mendModels)
		return
	}
	for _, m := range models {
		what := "model " + m.Name
		switch err := checkModel(ctx, m, dirs); {
		case errors.Is(err, ppocr.ErrNotBuilt):
			d.bad("second reader", err.Error(), "apt-get install gcc libc6-dev, and build again")
			return
		case errors.Is(err, ppocr.ErrRuntime):
			d.bad("onnxruntime", err.Error(), mendModels)
			return
		case err != nil:
			d.bad(what, err.Error(), "remove "+m.Dir+", or add the model again: seosik models add")
		default:
			d.ok(what, "reads a test line in "+strings.Join(m.Languages, ", "))
		}
	}
}

// children says what the system keeps the readers from.
func (d *diagnosis) children(ctx context.Context, tessdata string, dirs []string) {
	pool, err := startPool(ctx, tessdata, dirs, 1, slog.New(slog.DiscardHandler))
	if err != nil {
		return // what is missing has been said
	}
	defer pool.Close()
	guard, says := pool.Guard(), "processes of their own, with limits of memory, time and files"
	if guard.Files > 0 {
		says += fmt.Sprintf("; they read models and libraries only (Landlock %d)", guard.Files)
	} else {
		says += "; they may read what the server may: this kernel has no Landlock, or what the server runs in refuses it"
	}
	if !guard.Calls {
		d.sorry("readers", says+"; nothing keeps them from the network, from programs and from altering files",
			"let the server make the system call seccomp, in its container or service; on Linux, amd64 or arm64")
		return
	}
	d.ok("readers", says+"; no network, no programs, no writing (seccomp)")
}

// pdf looks for what draws PDF, and the fonts of those that do not bring theirs.
func (d *diagnosis) pdf() {
	if err := scan.PreparePDF(); err != nil {
		d.bad("PDF", err.Error(), "give this user more memory (ulimit -v, cgroups)")
		return
	}
	d.ok("PDF", "drawn by PDFium, in this program")
	fonts := scan.StandIns()
	for _, lang := range form.Languages {
		what, font := "PDF fonts "+lang, fonts[lang]
		if fontPackages[lang] == "" {
			continue
		}
		if font == "" {
			d.bad(what, "none: text of a PDF that does not bring its own is missing", "apt-get install "+fontPackages[lang])
			continue
		}
		d.ok(what, font)
	}
}

func (d *diagnosis) tesseract(ctx context.Context, data string) {
	e, err := tesseract.Open(data)
	if err != nil {
		d.bad("tesseract", err.Error(), "apt-get install tesseract-ocr")
		return
	}
	defer e.Close()
	d.ok("tesseract", e.Version()+" with "+e.DataDir())
	for _, lang := range form.Languages {
		what := "language " + lang
		if !slices.Contains(e.Languages(), lang) {
			d.bad(what, "no data", "apt-get install "+packages[lang])
			continue
		}
		if err := ocr.Check(ctx, e, lang); err != nil {
			d.bad(what, err.Error(), "apt-get install --reinstall "+packages[lang])
			continue
		}
		d.ok(what, "reads a test line")
	}
}
