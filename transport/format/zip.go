package format

import (
	"archive/zip"
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/penstock-sdk/penstock/internal/shorten"
	"github.com/penstock-sdk/penstock/transport/internal/bodytext"
)

// Zip reads the files of a zip archive, one after the other. Each file contains
// text in another format. Since an archive has its table of contents at the end,
// it is kept in a temporary file while it is read. The files themselves are
// decompressed as they are read.
//
// Folders are skipped, and so are the files that desktops add to archives: those in
// __MACOSX, those whose names begin with "._", .DS_Store, Thumbs.db and desktop.ini. A file
// that is encrypted, or compressed with a method other than Deflate, is an error. So is an
// Excel workbook, which is an archive of XML files, unless Name selects some of them.
type Zip struct {
	// Format is the format of the files. Required.
	Format Format
	// Name is a pattern of path.Match, such as "*.csv". It selects the files the last
	// element of whose names matches. At least one file must match; otherwise the error
	// wraps ErrNoRecords. A name that is not in UTF-8 is read in code page 437. Optional;
	// the default is all files.
	Name string
	// MaxBytes limits the size of the compressed archive in bytes, and so that of the
	// temporary file. Optional; the default is 4 GiB.
	MaxBytes int64
}

// Accept returns the media type of zip archives.
func (Zip) Accept() string { return "application/zip, */*;q=0.5" }

// Read implements [Format].
func (z Zip) Read(r io.Reader, maxRecord int64, yield func(decode func(v any) error) bool) error {
	return z.read(r, maxRecord, nil, yield)
}

func (z Zip) read(r io.Reader, maxRecord int64, c *lossCheck, yield func(decode func(v any) error) bool) error {
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
	if err := checkOverlap(archive); err != nil {
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
	directory := &directoryReader{file: file, left: maxDirectory}
	archive, err := zip.NewReader(directory, size)
	directory.opened = true
	if errors.Is(err, ErrTooLarge) {
		return nil, fmt.Errorf("open the archive: %w", err)
	}
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // the names are not used as paths
		return nil, fmt.Errorf("open the archive: %w", notAnArchive(file, size, err))
	}
	return archive, nil
}

// notAnArchive returns the reason why a file cannot be opened as an archive.
func notAnArchive(file io.ReaderAt, size int64, err error) error {
	head := make([]byte, 64)
	n, _ := file.ReadAt(head, 0)
	head = head[:n]
	switch kind := bodytext.Compression(head); {
	case size == 0:
		return fmt.Errorf("%w: it is empty", ErrCut)
	case kind == "zip", size < 4 && head[0] == 'P':
		return fmt.Errorf("%w: its directory, which is at the end, is missing: %w", ErrCut, err)
	case kind == "gzip":
		return fmt.Errorf("it is compressed with gzip: use format.Gzip: %w", err)
	case kind != "":
		return fmt.Errorf("it is %s: %w", bodytext.DescribeBinary(kind), err)
	}
	return fmt.Errorf("it begins with %q: %w", shorten.Line(string(head), 40), err)
}

// maxDirectory is the largest number of bytes of the table of contents of an archive, which
// has some 40,000 files then. Each takes several times as much memory.
const maxDirectory = 4 << 20

// A directoryReader reads the table of contents of an archive up to a limit, and the files
// without one.
type directoryReader struct {
	file   io.ReaderAt
	left   int
	opened bool // the table of contents has been read
}

func (d *directoryReader) ReadAt(p []byte, at int64) (int, error) {
	if !d.opened {
		if d.left -= len(p); d.left < 0 {
			return 0, fmt.Errorf("its table of contents: %w: more than %d bytes: ask the source for an archive with fewer files", ErrTooLarge, maxDirectory)
		}
	}
	return d.file.ReadAt(p, at)
}

// checkOverlap returns an error if two files of an archive share compressed data. A small
// archive can contain any amount of text that way.
func checkOverlap(archive *zip.Reader) error {
	type extent struct {
		from, to int64
		name     string
	}
	extents := make([]extent, 0, len(archive.File))
	for _, entry := range archive.File {
		from, err := entry.DataOffset()
		if err != nil || entry.CompressedSize64 == 0 {
			continue // opening the file reports the error
		}
		extents = append(extents, extent{from, from + int64(min(entry.CompressedSize64, math.MaxInt64/2)), entry.Name})
	}
	slices.SortFunc(extents, func(a, b extent) int { return cmp.Compare(a.from, b.from) })
	for i := 1; i < len(extents); i++ {
		if a, b := extents[i-1], extents[i]; b.from < a.to {
			return fmt.Errorf("open the archive: the files %s and %s overlap, as in an archive that is made to expand without end", shorten.Quote(a.name, maxNameInError), shorten.Quote(b.name, maxNameInError))
		}
	}
	return nil
}

// readEntries reads the files that match, in the order of the archive.
func (z Zip) readEntries(archive *zip.Reader, maxRecord int64, c *lossCheck, yield func(decode func(v any) error) bool) error {
	if z.Name == "" && isWorkbook(archive) {
		return errors.New("the archive is an Excel workbook or another document of Microsoft Office, which this package does not read: export the data as CSV")
	}
	var others []string
	matched, stopped := 0, false
	for _, entry := range archive.File {
		name := entryName(entry)
		if strings.HasSuffix(name, "/") || entry.FileInfo().IsDir() || fromDesktop(name) {
			continue
		}
		if !z.matches(entry.Name) && !z.matches(name) {
			if len(others) < maxNamed {
				others = append(others, shorten.Line(name, maxNameInError))
			}
			continue
		}
		matched++
		if err := z.readEntry(entry, maxRecord, c, func(decode func(any) error) bool {
			stopped = !yield(decode)
			return !stopped
		}); err != nil {
			return fmt.Errorf("%s: %w", shorten.Line(name, 200), err)
		}
		if stopped {
			return nil
		}
	}
	if matched == 0 {
		return fmt.Errorf("%w: no file matches %q in the archive, which has %q", ErrNoRecords, z.pattern(), others)
	}
	return nil
}

// isWorkbook reports whether an archive is a document in the format of Office Open XML
// (ECMA-376), whose files are not tables.
func isWorkbook(archive *zip.Reader) bool {
	for _, entry := range archive.File {
		if entry.Name == "[Content_Types].xml" {
			return true
		}
	}
	return false
}

// maxNamed is how many files an error names.
const maxNamed = 12

// entryName returns the name of a file as UTF-8, with slashes. Without its UTF-8 flag,
// a name is in code page 437 (APPNOTE.TXT of PKWARE, appendix D).
func entryName(entry *zip.File) string {
	name := entry.Name
	if entry.NonUTF8 && !utf8.ValidString(name) {
		if decoded, err := charmap.CodePage437.NewDecoder().String(name); err == nil {
			name = decoded
		}
	}
	return strings.ReplaceAll(name, `\`, "/")
}

// fromDesktop reports whether a file was added by a desktop, not by the source.
func fromDesktop(name string) bool {
	base := path.Base(name)
	switch strings.ToLower(base) {
	case ".ds_store", "thumbs.db", "desktop.ini":
		return true
	}
	return strings.HasPrefix(base, "._") || strings.HasPrefix(name, "__MACOSX/") || strings.Contains(name, "/__MACOSX/")
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

func (z Zip) readEntry(entry *zip.File, maxRecord int64, c *lossCheck, yield func(decode func(v any) error) bool) error {
	const encrypted = 1 // the bit of Flags
	if entry.Flags&encrypted != 0 {
		return errors.New("the file is encrypted, and format.Zip cannot decrypt it")
	}
	r, err := entry.Open()
	if errors.Is(err, zip.ErrAlgorithm) {
		return fmt.Errorf("the file is compressed with method %d of the zip format, and format.Zip knows only Deflate (8): %w", entry.Method, err)
	}
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	return read(z.Format, &truncationReader{r}, maxRecord, c, yield)
}
