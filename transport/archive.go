package transport

import (
	"archive/zip"
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	pathpkg "path"
	"strings"
)

// Gzip reads a text of another format that is a gzip file: what is downloaded
// as export.csv.gz. (A response that is merely compressed for its way, by its
// Content-Encoding, needs nothing.)
func Gzip(f Format) Format { return gzipped{f} }

type gzipped struct{ format Format }

func (gzipped) accept() string { return "application/gzip, */*;q=0.5" }
func (gzipped) markup() bool   { return false }

func (z gzipped) read(r io.Reader, limit int64, yield func(func(any) error) bool) error {
	if z.format == nil {
		return errors.New("transport.Gzip: no format given")
	}
	zr, err := openGzip(bufio.NewReader(r))
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return cutIfShort(err)
	}
	return cutIfShort(z.format.read(&cutReader{zr}, limit, yield))
}

// A cutReader tells of a file that breaks off.
type cutReader struct{ r io.Reader }

func (c *cutReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	return n, cutIfShort(err)
}

// Zip reads the files of a zip archive, one after the other, each of which is a
// text of another format. The archive is kept in a temporary file while it is
// read, because its table of contents is at its end.
type Zip struct {
	// Format is the format of the files. Required.
	Format Format
	// Name selects files by a pattern as in path.Match, which is compared with
	// the last element of their names: "*.csv". At least one must match.
	// Optional; the default is all files.
	Name string
	// MaxBytes limits the size of the archive. Optional; the default is 4 GiB.
	MaxBytes int64
}

func (Zip) accept() string { return "application/zip, */*;q=0.5" }
func (Zip) markup() bool   { return false }

func (z Zip) read(r io.Reader, limit int64, yield func(func(any) error) bool) (err error) {
	if z.Format == nil {
		return errors.New("transport.Zip: Format is required")
	}
	pattern, most := z.Name, z.MaxBytes
	if pattern == "" {
		pattern = "*"
	}
	if _, err := pathpkg.Match(pattern, ""); err != nil {
		return fmt.Errorf("transport.Zip: pattern %q: %w", pattern, err)
	}
	if most <= 0 {
		most = 4 << 30
	}
	file, err := os.CreateTemp("", "penstock-*.zip")
	if err != nil {
		return fmt.Errorf("keep the archive: %w", err)
	}
	defer func() {
		_ = file.Close()
		_ = os.Remove(file.Name())
	}()
	size, err := io.Copy(file, io.LimitReader(r, most+1))
	if err != nil {
		return fmt.Errorf("keep the archive: %w", err)
	}
	if size > most {
		return fmt.Errorf("archive: %w: %d bytes", ErrTooLarge, most)
	}
	zr, err := zip.NewReader(file, size)
	if err != nil {
		return fmt.Errorf("open the archive: %w", err)
	}
	var others []string
	matched, stopped := 0, false
	for _, entry := range zr.File {
		if strings.HasSuffix(entry.Name, "/") {
			continue
		}
		if ok, _ := pathpkg.Match(pattern, pathpkg.Base(entry.Name)); !ok {
			others = append(others, entry.Name)
			continue
		}
		matched++
		if err := z.readEntry(entry, limit, func(decode func(any) error) bool {
			stopped = !yield(decode)
			return !stopped
		}); err != nil {
			return fmt.Errorf("%s: %w", entry.Name, err)
		}
		if stopped {
			return nil
		}
	}
	if matched == 0 {
		return fmt.Errorf("%w: no file matches %q in the archive, which has %q", ErrNoRecords, pattern, others[:min(len(others), 12)])
	}
	return nil
}

func (z Zip) readEntry(entry *zip.File, limit int64, yield func(func(any) error) bool) error {
	r, err := entry.Open()
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	return z.Format.read(&cutReader{r}, limit, yield)
}
