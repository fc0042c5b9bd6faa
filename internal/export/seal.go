package export

import (
	"archive/zip"
	"compress/flate"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // what the format asks for
	"encoding/binary"
	"errors"
	"hash"
	"io"
	"time"
)

// There is no kept-up library that writes encrypted ZIP files, so this is the
// little that archive/zip lacks: AE-2 of WinZip's "AES Encryption Information",
// version 1.04, with keys of 256 bits. 7-Zip, WinZip and the tools of Korean
// offices read it; the Explorer of Windows itself does not.

const (
	aesMethod  = 99
	aesStrong  = 3 // keys of 256 bits
	saltSize   = 16
	rounds     = 1000 // what the format says; a password has to be good by itself
	authSize   = 10
	zipVersion = 51
	flagsAES   = 0x1 | 0x8 | 0x800 // encrypted, sizes follow the data, the name is UTF-8
)

// Seal returns what writes a ZIP file with one file in it to w, both encrypted by
// a password but for the file's name, which is all that can be read without it.
// Close it to finish.
func Seal(w io.Writer, name, password string, at time.Time) (io.WriteCloser, error) {
	if password == "" {
		return nil, errors.New("an empty password")
	}
	z := zip.NewWriter(w)
	h := &zip.FileHeader{
		Name: name, Method: aesMethod, Flags: flagsAES, ReaderVersion: zipVersion, CreatorVersion: zipVersion,
		ModifiedDate: uint16(at.Day() | int(at.Month())<<5 | (at.Year()-1980)<<9), //nolint:staticcheck // CreateRaw writes these, not Modified
		ModifiedTime: uint16(at.Second()/2 | at.Minute()<<5 | at.Hour()<<11),      //nolint:staticcheck // as above
		Extra:        []byte{0x01, 0x99, 7, 0, 2, 0, 'A', 'E', aesStrong, byte(zip.Deflate), 0},
	}
	raw, err := z.CreateRaw(h)
	if err != nil {
		return nil, err
	}
	s := &sealed{zip: z, header: h, out: raw}
	if err := s.key(password); err != nil {
		return nil, err
	}
	s.deflate, err = flate.NewWriter(writerFunc(s.encrypt), flate.DefaultCompression)
	return s, err
}

// A sealed is an encrypted ZIP file that is being written.
type sealed struct {
	zip     *zip.Writer
	header  *zip.FileHeader
	out     io.Writer
	deflate *flate.Writer
	stream  *littleCounter
	mac     hash.Hash
}

// key derives the keys from a password and a new salt, and writes what tells a
// reader whether it has the right one.
func (s *sealed) key(password string) error {
	salt := make([]byte, saltSize)
	rand.Read(salt) // never fails
	const size = 32
	keys, err := pbkdf2.Key(sha1.New, password, salt, rounds, 2*size+2)
	if err != nil {
		return err
	}
	block, err := aes.NewCipher(keys[:size])
	if err != nil {
		return err
	}
	s.stream, s.mac = &littleCounter{block: block}, hmac.New(sha1.New, keys[size:2*size])
	return s.raw(append(salt, keys[2*size:]...))
}

// raw writes p as it is.
func (s *sealed) raw(p []byte) error {
	s.header.CompressedSize64 += uint64(len(p))
	_, err := s.out.Write(p)
	return err
}

func (s *sealed) encrypt(p []byte) (int, error) {
	out := make([]byte, len(p))
	s.stream.xor(out, p)
	s.mac.Write(out)
	return len(p), s.raw(out)
}

// Write adds p to the file.
func (s *sealed) Write(p []byte) (int, error) {
	s.header.UncompressedSize64 += uint64(len(p))
	return s.deflate.Write(p)
}

// Close finishes the file, and not what is below it.
func (s *sealed) Close() error {
	if err := s.deflate.Close(); err != nil {
		return err
	}
	if err := s.raw(s.mac.Sum(nil)[:authSize]); err != nil {
		return err
	}
	s.header.CompressedSize, s.header.UncompressedSize = short(s.header.CompressedSize64), short(s.header.UncompressedSize64) //nolint:staticcheck // CreateRaw leaves these to us
	return s.zip.Close()
}

// short returns n in 32 bits, all of them where it needs more.
func short(n uint64) uint32 { return uint32(min(n, 1<<32-1)) }

// A littleCounter is AES in counter mode as the format has it: the counter begins
// at 1 and has its lowest byte first, unlike that of [cipher.NewCTR].
type littleCounter struct {
	block cipher.Block
	n     uint64
	pad   [aes.BlockSize]byte
	left  int // bytes of pad that were not used
}

func (c *littleCounter) xor(dst, src []byte) {
	for i, b := range src {
		if c.left == 0 {
			c.n++
			var counter [aes.BlockSize]byte
			binary.LittleEndian.PutUint64(counter[:], c.n)
			c.block.Encrypt(c.pad[:], counter[:])
			c.left = aes.BlockSize
		}
		dst[i] = b ^ c.pad[aes.BlockSize-c.left]
		c.left--
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
