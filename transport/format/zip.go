package format

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path"
	"strings"
)

// Zip reads the files of a zip archive, one after the other. Each file contains
// text in another format. Since an archive has its table of contents at the end,
// it is kept in a temporary file while it is read.
type Zip struct {
	// Format is the format of the files. Required.
	Format Format
	// Name selects files by a pattern of path.Match that is compared with the
	// last element of their names, such as "*.csv". At least one file must match.
	// Optional; the default is all files.
	Name string
	// MaxBytes limits the size of the archive. Optional; the default is 4 GiB.
	MaxBytes int64
}

// Accept returns the media type of zip archives.
func (Zip) Accept() string { return "application/zip, */*;q=0.5" }

// Read implements [Format].
func (z Zip) Read(r io.Reader, maxRecord int64, yield func(decode func(v any) error) bool) error {
	return z.read(r, maxRecord, nil, yield)
}

func (z Zip) read(r io.Reader, maxRecord int64, c *nullCheck, yield func(decode func(v any) error) bool) error {
	if z.Format == nil {
		return errors.New("format.Zip: Format is required")
	}
	if _, err := path.Match(z.Name, ""); err != nil {
		return fmt.Errorf("format.Zip: pattern %q: %w", z.Name, err)
	}
	file, err := os.CreateTemp("", "penstock-*.zip")
	if err != nil {
		return fmt.Errorf("store the archive: %w", err)
	}
	defer func() {
		_ = file.Close()
		_ = os.Remove(file.Name())
	}()
	archive, err := z.open(file, r)
	if err != nil {
		return err
	}
	return z.readEntries(archive, maxRecord, c, yield)
}

// open copies the archive from r into a file and opens it there.
func (z Zip) open(file *os.File, r io.Reader) (*zip.Reader, error) {
	limit := z.MaxBytes
	if limit <= 0 {
		limit = 4 << 30
	}
	limit = min(limit, math.MaxInt64-1) // one more byte is read
	size, err := io.Copy(file, io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("store the archive: %w", err)
	}
	if size > limit {
		return nil, fmt.Errorf("archive: %w: more than %d bytes: raise MaxBytes of format.Zip", ErrTooLarge, limit)
	}
	archive, err := zip.NewReader(file, size)
	if err != nil {
		return nil, fmt.Errorf("open the archive: %w", err)
	}
	return archive, nil
}

// readEntries reads the files that match, in the order of the archive.
func (z Zip) readEntries(archive *zip.Reader, maxRecord int64, c *nullCheck, yield func(decode func(v any) error) bool) error {
	var others []string
	matched, stopped := 0, false
	for _, entry := range archive.File {
		if strings.HasSuffix(entry.Name, "/") {
			continue
		}
		if !z.matches(entry.Name) {
			others = append(others, entry.Name)
			continue
		}
		matched++
		if err := z.readEntry(entry, maxRecord, c, func(decode func(any) error) bool {
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
		return fmt.Errorf("%w: no file matches %q in the archive, which has %q", ErrNoRecords, z.pattern(), others[:min(len(others), 12)])
	}
	return nil
}

func (z Zip) pattern() string {
	if z.Name == "" {
		return "*"
	}
	return z.Name
}

func (z Zip) matches(name string) bool {
	ok, _ := path.Match(z.pattern(), path.Base(name))
	return ok
}

func (z Zip) readEntry(entry *zip.File, maxRecord int64, c *nullCheck, yield func(decode func(v any) error) bool) error {
	r, err := entry.Open()
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	return read(z.Format, &truncationReader{r}, maxRecord, c, yield)
}
