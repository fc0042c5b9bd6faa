package scan

import (
	"bytes"
	"fmt"
	"image"
)

// A mender rewrites a JPEG whose coded samples are not as the decoder wants them
// into one that it takes, without a sample changed: image/jpeg ends at fill bytes
// before a restart marker, at a marker that lacks or has another number, and at
// the end of what a transfer has left. What is lost is coded as blocks without
// detail, and said to be unseen. Codes and blocks are those of ITU-T T.81, F.2.2;
// what to do about restart markers is after jpeg_resync_to_restart of libjpeg.
type mender struct {
	h        jpegHeader
	whole    bool
	sampling [][2]int // across and down, by component
	ids      []byte   // of the components
	tables   [2][4]*huffmanTable
	made     int     // tables, in all
	interval int     // MCUs between restart markers, or 0
	known    [64]int // lowest bit that is known of each coefficient of the first component
	cut      bool    // the file ends without an end marker
	unseen   []image.Rectangle
}

// mendJPEG returns file as the decoder takes it, and the parts of the picture
// that it does not have. whole says that the last scan of a progressive picture
// may be all there though the end is not. Its error is ErrDamaged.
func mendJPEG(file []byte, h jpegHeader, whole bool) (mended []byte, unseen []image.Rectangle, err error) {
	m := &mender{h: h, whole: whole}
	for i := range m.known {
		m.known[i] = unknown
	}
	out := append(make([]byte, 0, len(file)+1024), file[:2]...)
	for rest := file[2:]; ; {
		marker, after, ok := nextMarker(rest)
		if !ok {
			m.cut = true
			break
		}
		if marker == markEOI {
			break
		}
		segment, after, ok := cutSegment(after)
		if !ok {
			m.cut = true
			break
		}
		out = append(out, 0xFF, marker, byte((len(segment)+2)>>8), byte(len(segment)+2))
		out = append(out, segment...)
		rest = after
		if marker != markSOS {
			if err := m.read(marker, segment); err != nil {
				return nil, nil, err
			}
			continue
		}
		n := codedLength(after)
		m.cut = n == len(after)
		if len(out) > len(file)+4*h.blocks+1<<16 {
			return nil, nil, fmt.Errorf("%w: too many scans", ErrDamaged)
		}
		if out, err = m.scan(out, segment, after[:n]); err != nil {
			return nil, nil, err
		}
		rest = after[n:]
	}
	return append(out, 0xFF, markEOI), m.unseen, m.complete()
}

// mostTables bounds the tables of codes: those of a progressive picture may be
// others for each scan.
const mostTables = 200

// read reads a segment that tells how samples are coded.
func (m *mender) read(marker byte, s []byte) error {
	switch {
	case isSOF(marker):
		for i := range m.h.components {
			m.ids = append(m.ids, s[6+3*i])
			m.sampling = append(m.sampling, [2]int{max(1, int(s[7+3*i]>>4)), max(1, int(s[7+3*i]&15))})
		}
	case marker == markDRI && len(s) == 2:
		m.interval = int(s[0])<<8 | int(s[1])
	case marker == markDHT:
		return m.readTables(s)
	}
	return nil
}

func (m *mender) readTables(s []byte) error {
	for len(s) >= 17 {
		class, to := s[0]>>4, s[0]&15
		n := 0
		for _, count := range s[1:17] {
			n += int(count)
		}
		if class > 1 || to > 3 || n > 256 || len(s) < 17+n {
			return fmt.Errorf("%w: JPEG table", ErrDamaged)
		}
		if m.made++; m.made > mostTables {
			return fmt.Errorf("%w: too many JPEG tables", ErrDamaged)
		}
		m.tables[class][to] = newHuffmanTable(s[1:17], s[17:17+n])
		s = s[17+n:]
	}
	return nil
}

// unknown is how many bits of a coefficient are not known before its first scan.
const unknown = 16

// complete returns ErrDamaged where too little of the picture is there.
func (m *mender) complete() error {
	lost := 0
	for _, r := range m.unseen {
		lost += r.Dx() * r.Dy()
	}
	if most := m.h.width * m.h.height / lostMost; lost > most {
		return fmt.Errorf("%w: of its pixels %d are there", ErrDamaged, m.h.width*m.h.height-lost)
	}
	for i, bits := range m.known {
		if bits > 1 { // one that is not known is a grain of the paper
			return fmt.Errorf("%w: coefficient %d lacks", ErrDamaged, i)
		}
	}
	return nil
}

// lostMost is the part of a picture of which no more may lack, one third: on a
// page of which there is less, people have more to do than to scan it again.
const lostMost = 3

// scan appends the coded samples of a scan.
func (m *mender) scan(out, header, coded []byte) ([]byte, error) {
	s, err := m.scanOf(header)
	if err != nil {
		return nil, err
	}
	if m.h.progressive {
		// Its blocks hang together over all scans. A last one that is cut off is
		// left out: the decoder would end at it.
		if m.cut && !m.whole {
			return out[:len(out)-len(header)-4], nil
		}
		m.learn(header, s)
		return appendStuffed(out, coded), nil
	}
	m.learn([]byte{0, 63, 0}, s)
	mended, lost, rest := s.mend(coded, m.cut)
	if zeros := len(coded) - len(bytes.TrimRight(coded, "\x00")); m.cut && zeros >= zerosLeft && (mended == nil || len(rest) > 2) {
		mended, lost, rest = s.mend(coded[:len(coded)-zeros], true)
	}
	if mended == nil || uneven(rest) && s.interval == 0 {
		return nil, fmt.Errorf("%w: JPEG codes lack", ErrDamaged)
	}
	if s.parts[0].component == 0 {
		m.unseen = append(m.unseen, s.rectangles(lost, m.h)...)
	}
	return append(out, mended...), nil
}

// zerosLeft is how many zeros at the end of a file are what a transfer that
// broke off has left, in bytes.
const zerosLeft = 64

// learn notes what a scan tells of the coefficients of the first component.
func (m *mender) learn(header []byte, s *mendedScan) {
	if s.parts[0].component != 0 {
		return
	}
	last := header[len(header)-3:]
	for i := int(last[0]); i <= min(63, int(last[1])); i++ {
		m.known[i] = int(last[2] & 15)
	}
}
