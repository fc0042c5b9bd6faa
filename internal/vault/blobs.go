package vault

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"filippo.io/age"

	"github.com/seosik/seosik/internal/blob"
)

// stanza names the recipient of a blob in its head.
const stanza = "seosik"

// intro begins a blob that is encrypted.
const intro = "age-encryption.org/v1\n-> " + stanza + " "

// trailerSize is how many bytes follow the age file: which blob it is.
const trailerSize = 32 + overhead

const (
	forFile = "file" // what the key of a blob encrypts: the key of the age file,
	forSum  = "sum"  // and the SHA-256 of the blob
)

// Blobs encrypts blobs, each under a key of its own. See [blob.Sealer].
type Blobs struct {
	*Vault
	head int64 // bytes of an age file before its first chunk
}

var _ blob.Sealer = (*Blobs)(nil)

// Blobs returns what encrypts blobs.
func (v *Vault) Blobs() (*Blobs, error) {
	var empty bytes.Buffer
	w, err := age.Encrypt(&empty, &owner{box: v.master})
	if err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return &Blobs{v, int64(empty.Len()) - chunkOverhead}, nil
}

// An owner is the key of a blob, as age knows it.
type owner struct {
	box
	id ID
}

// Wrap is as [age.Recipient] says.
func (o *owner) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	return []*age.Stanza{{Type: stanza, Args: []string{o.id.String()}, Body: o.seal(fileKey, forFile)}}, nil
}

// Unwrap is as [age.Identity] says.
func (o *owner) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	if len(stanzas) != 1 || stanzas[0].Type != stanza {
		return nil, age.ErrIncorrectIdentity
	}
	return o.open(stanzas[0].Body, forFile)
}

// idOf returns the id of the key that what begins with head was encrypted with.
func idOf(head []byte) (id ID, sealed bool) {
	rest, ok := bytes.CutPrefix(head, []byte(intro))
	if !ok || len(rest) < 2*len(id) {
		return id, false
	}
	_, err := hex.Decode(id[:], rest[:2*len(id)])
	return id, err == nil
}

// owner returns the key that what begins with head was encrypted with.
func (b *Blobs) owner(head []byte) (*owner, error) {
	id, sealed := idOf(head)
	if !sealed {
		return nil, blob.ErrCorrupt
	}
	key, err := b.key(context.Background(), id)
	switch {
	case errors.Is(err, ErrDestroyed):
		return nil, blob.ErrDestroyed
	case errors.Is(err, fs.ErrNotExist):
		return nil, blob.ErrNoKey
	}
	return &owner{key, id}, err
}

// Sealed is as [blob.Sealer] says.
func (*Blobs) Sealed(head []byte) bool {
	_, sealed := idOf(head)
	return sealed
}

const (
	chunk         = 64 << 10 // of an age file, which is encrypted as STREAM of Hoang, Reyhanitabar, Rogaway and Vizár (CRYPTO 2015)
	chunkOverhead = 16
)

// Size is as [blob.Sealer] says.
func (b *Blobs) Size(plain int64) int64 {
	chunks := max(1, (plain+chunk-1)/chunk)
	return b.head + plain + chunks*chunkOverhead + trailerSize
}

// Seal is as [blob.Sealer] says.
func (b *Blobs) Seal(w io.Writer) (blob.Writer, error) {
	id, key, err := b.take(context.Background())
	if err != nil {
		return nil, err
	}
	o := &owner{id: id}
	if o.box, err = newBox(key); err != nil {
		return nil, err
	}
	in, err := age.Encrypt(w, o)
	if err != nil {
		return nil, err
	}
	return &writer{blobs: b, owner: o, in: in, to: w}, nil
}

type writer struct {
	blobs *Blobs
	owner *owner
	in    io.WriteCloser
	to    io.Writer
}

func (w *writer) Write(p []byte) (int, error) { return w.in.Write(p) }

func (w *writer) Finish(k blob.Key) error {
	sum, err := hex.DecodeString(string(k))
	if err != nil {
		return err
	}
	if err := w.in.Close(); err != nil {
		return err
	}
	_, err = w.to.Write(w.owner.seal(sum, forSum))
	return err
}

func (w *writer) Drop() { w.blobs.drop(w.owner.id) }

// Open is as [blob.Sealer] says.
func (b *Blobs) Open(r io.ReaderAt, size int64, k blob.Key) (plain io.ReaderAt, plainSize int64, err error) {
	o, err := b.ownerOf(r, size, k)
	if err != nil {
		return nil, 0, err
	}
	end := size - trailerSize
	plain, plainSize, err = age.DecryptReaderAt(io.NewSectionReader(r, 0, end), end, o)
	return &chunks{of: plain, size: plainSize, at: -1}, plainSize, corrupt(err)
}

// ownerOf returns the key that the blob k was encrypted with, into size bytes of r.
func (b *Blobs) ownerOf(r io.ReaderAt, size int64, k blob.Key) (*owner, error) {
	end := size - trailerSize
	if end < b.head {
		return nil, blob.ErrCorrupt
	}
	head, trailer := make([]byte, b.head), make([]byte, trailerSize)
	for at, p := range map[int64][]byte{0: head, end: trailer} {
		if n, err := r.ReadAt(p, at); n < len(p) {
			return nil, corrupt(err)
		}
	}
	o, err := b.owner(head)
	if err != nil {
		return nil, err
	}
	if is, err := o.sum(trailer); err != nil || is != k {
		return nil, fmt.Errorf("%w: %s", blob.ErrCorrupt, k)
	}
	return o, nil
}

// sum returns of which blob a trailer is.
func (o *owner) sum(trailer []byte) (blob.Key, error) {
	sum, err := o.open(trailer, forSum)
	if err != nil {
		return "", fmt.Errorf("%w: %w", blob.ErrCorrupt, err)
	}
	return blob.Key(hex.EncodeToString(sum)), nil
}

// Read is as [blob.Sealer] says.
func (b *Blobs) Read(r io.Reader, size int64) (plain io.Reader, k func() (blob.Key, error), err error) {
	end := size - trailerSize
	if end < b.head {
		return nil, nil, blob.ErrCorrupt
	}
	head := make([]byte, b.head)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, nil, err
	}
	o, err := b.owner(head)
	if err != nil {
		return nil, nil, err
	}
	file := &io.LimitedReader{R: io.MultiReader(bytes.NewReader(head), r), N: end}
	decrypted, err := age.Decrypt(file, o)
	if err != nil {
		return nil, nil, corrupt(err)
	}
	return corruptReader{decrypted}, func() (blob.Key, error) {
		trailer := make([]byte, trailerSize)
		if _, err := io.ReadFull(r, trailer); err != nil {
			return "", err
		}
		return o.sum(trailer)
	}, nil
}

// Destroy is as [blob.Sealer] says.
func (b *Blobs) Destroy(r io.ReaderAt, size int64, k blob.Key) error {
	o, err := b.ownerOf(r, size, k)
	if errors.Is(err, blob.ErrCorrupt) {
		return nil
	}
	if err != nil {
		return err
	}
	return b.ring.Destroy(context.Background(), []ID{o.id})
}

// Inherit is as [blob.Sealer] says.
func (b *Blobs) Inherit(r io.ReaderAt, size int64, k blob.Key, w blob.Writer) error {
	heir, ours := w.(*writer)
	o, err := b.ownerOf(r, size, k)
	if errors.Is(err, blob.ErrCorrupt) || !ours {
		return nil
	}
	if err != nil {
		return err
	}
	return b.ring.Inherit(context.Background(), o.id, heir.owner.id)
}

// corrupt has err be ErrCorrupt, unless it is of the disk.
func corrupt(err error) error {
	_, disk := errors.AsType[*fs.PathError](err)
	if err == nil || disk || errors.Is(err, io.EOF) || errors.Is(err, blob.ErrCorrupt) {
		return err
	}
	return fmt.Errorf("%w: %w", blob.ErrCorrupt, err)
}

// chunks reads what age decrypts a chunk at a time: each read of age takes memory for
// one, however little it is for.
type chunks struct {
	of   io.ReaderAt
	size int64
	at   int64 // where the chunk in hand begins; -1 before the first
	hand []byte
}

// ReadAt is as [io.ReaderAt] says, but for one goroutine at a time.
func (c *chunks) ReadAt(p []byte, at int64) (n int, err error) {
	for n < len(p) {
		if at >= c.size {
			return n, io.EOF
		}
		if begin := at - at%chunk; begin != c.at {
			if err := c.load(begin); err != nil {
				return n, err
			}
		}
		more := copy(p[n:], c.hand[at-c.at:])
		n, at = n+more, at+int64(more)
	}
	return n, nil
}

func (c *chunks) load(begin int64) error {
	if c.hand == nil {
		c.hand = make([]byte, min(c.size, chunk))
	}
	c.hand = c.hand[:min(c.size-begin, chunk)]
	c.at = -1
	if n, err := c.of.ReadAt(c.hand, begin); n < len(c.hand) {
		return corrupt(err)
	}
	c.at = begin
	return nil
}

type corruptReader struct{ io.Reader }

func (r corruptReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	return n, corrupt(err)
}
