package bodytext

import (
	"io"
	"unicode/utf8"
)

// A repairer reads UTF-8 and replaces each invalid byte with U+FFFD. Valid text is
// read into the buffer of the caller without a copy.
type repairer struct {
	text *Reader
	r    io.Reader
	rest []byte // repaired text that has not been returned
	tail []byte // the beginning of a character whose rest has not been read
	err  error  // what the next read returns after rest
	into []byte // the memory of rest, which is used again
	room [512]byte
}

// maxChunk is the number of bytes that are read at a time, because repaired text is up to
// three times as long.
const maxChunk = 64 << 10

func (u *repairer) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for len(u.rest) == 0 {
		if u.err != nil {
			return 0, u.err
		}
		into := p[:min(len(p), maxChunk)]
		if len(p) < utf8.UTFMax+1 {
			into = u.room[:]
		}
		chunk := u.fill(into)
		if !utf8.Valid(chunk) {
			u.rest = u.repair(chunk)
			break
		}
		if len(p) >= utf8.UTFMax+1 {
			if len(chunk) > 0 || u.err != nil {
				return len(chunk), u.err
			}
			continue
		}
		u.rest = chunk
	}
	n := copy(p, u.rest)
	u.rest = u.rest[n:]
	return n, nil
}

// fill reads text into p, up to the last whole character.
func (u *repairer) fill(p []byte) []byte {
	n := copy(p, u.tail)
	m, err := u.r.Read(p[n:])
	p = p[:n+m]
	hold := incomplete(p)
	if hold > 0 && err == io.EOF {
		if u.text.replaced > 0 || !utf8.Valid(p[:len(p)-hold]) {
			hold = 0 // bytes of another charset, more likely than a truncated text
		} else {
			err = &truncatedError{}
		}
	}
	u.err = err
	u.tail = append(u.tail[:0], p[len(p)-hold:]...)
	return p[:len(p)-hold]
}

// repair returns a copy of text with U+FFFD for each invalid byte. It is valid until the
// next call.
func (u *repairer) repair(text []byte) []byte {
	repaired := u.into[:0]
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		if r == utf8.RuneError && size == 1 {
			u.text.replaced++
			repaired = utf8.AppendRune(repaired, utf8.RuneError)
		} else {
			repaired = append(repaired, text[:size]...)
		}
		text = text[size:]
	}
	u.into = repaired
	return repaired
}

// incomplete returns the number of bytes at the end of p that begin a character whose
// other bytes may follow.
func incomplete(p []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(p); n++ {
		last := p[len(p)-n:]
		if utf8.RuneStart(last[0]) {
			if last[0] >= utf8.RuneSelf && !utf8.FullRune(last) {
				return n
			}
			return 0
		}
	}
	return 0
}
