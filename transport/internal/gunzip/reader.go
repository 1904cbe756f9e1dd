// Package gunzip decompresses gzip files as they occur in practice: with several
// members, and with padding after them.
package gunzip

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"github.com/penstock-sdk/penstock/transport/internal/sentinel"
)

// IsGzip reports whether a text begins like a gzip file (RFC 1952 §2.3.1).
func IsGzip(head []byte) bool { return len(head) >= 2 && head[0] == 0x1f && head[1] == 0x8b }

// A Reader decompresses a gzip file. It skips zeros and white space between and after
// its members, with which tapes and disks pad files. Other bytes there are an error,
// because they may be data.
type Reader struct {
	src    *bufio.Reader
	member *gzip.Reader
	err    error
	empty  int // the members in a row without any text
}

const (
	// maxEmptyMembers is the largest number of members in a row without any text. A file
	// of blocks (BGZF) ends with one.
	maxEmptyMembers = 1000
	// maxPadding is the largest number of bytes of padding in a row. A tape has blocks of
	// up to 1 MiB.
	maxPadding = 16 << 20
)

// NewReader returns a reader of the gzip file that src begins with.
func NewReader(src *bufio.Reader) (*Reader, error) {
	member, err := gzip.NewReader(src)
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, fmt.Errorf("decompress gzip: %w", err)
	}
	member.Multistream(false)
	return &Reader{src: src, member: member}, nil
}

// Read implements io.Reader.
func (r *Reader) Read(p []byte) (int, error) {
	for r.err == nil {
		n, err := r.member.Read(p)
		if n > 0 {
			r.empty = 0
		}
		if err == io.EOF {
			if n > 0 {
				return n, nil // what follows may take a while to arrive
			}
			if err = r.next(); err == nil {
				r.empty++
			}
			if r.empty > maxEmptyMembers {
				err = fmt.Errorf("decompress gzip: %w: more than %d members in a row have no text", sentinel.ErrTooLarge, maxEmptyMembers)
			}
		}
		r.err = err
		if n > 0 || err != nil {
			return n, err
		}
	}
	return 0, r.err
}

// next moves on to the next member. It returns io.EOF if there is none.
func (r *Reader) next() error {
	for padding := 0; ; padding++ {
		if padding > maxPadding {
			return fmt.Errorf("decompress gzip: %w: more than %d bytes of padding", sentinel.ErrTooLarge, maxPadding)
		}
		b, err := r.src.Peek(1)
		if err != nil {
			return err
		}
		switch b[0] {
		case 0, ' ', '\t', '\r', '\n':
			_, _ = r.src.Discard(1)
			continue
		}
		if head, _ := r.src.Peek(2); !IsGzip(head) {
			return errors.New("decompress gzip: bytes follow the end of the compressed text that are neither gzip nor padding")
		}
		if err := r.member.Reset(r.src); err != nil {
			return fmt.Errorf("decompress gzip: %w", err)
		}
		r.member.Multistream(false)
		return nil
	}
}
