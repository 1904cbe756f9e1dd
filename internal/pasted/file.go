package pasted

import (
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"

	"github.com/penstock-sdk/penstock/internal/lazyregexp"
)

// extension matches the extension of a file. The last part of a token in base64 is longer.
var extension = lazyregexp.New(`^\.[A-Za-z0-9]{1,8}$`)

// maxPath is the maximum length in bytes of the name of a missing file that is shown.
const maxPath = 512

// File returns the name of a file from a command line as it may be shown in an error: the
// name of an existing file, or one that looks like the name of a file. Otherwise it
// returns "[not shown]", because a person may have typed a key, a URL or the
// configuration itself in its place.
func File(path string) string {
	if _, err := os.Lstat(path); err == nil {
		return path
	}
	isOther := func(r rune) bool { return unicode.IsControl(r) || strings.ContainsRune("{}[]\"'?&=<>|;", r) }
	if len(path) > maxPath || strings.Contains(path, "://") || strings.ContainsFunc(path, isOther) {
		return NotShown
	}
	if extension().MatchString(filepath.Ext(path)) {
		return path
	}
	if dir, base := filepath.Split(path); dir != "" && !LooksLikeKey(base) {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			return path
		}
	}
	if len(Keys(path)) > 0 {
		return NotShown
	}
	return path
}

// PathError returns an error of package os with the name of the file as [File] returns
// it. Any other error is returned unchanged.
func PathError(err error) error {
	if e, ok := err.(*fs.PathError); ok {
		if shown := File(e.Path); shown != e.Path {
			return &fs.PathError{Op: e.Op, Path: shown, Err: e.Err}
		}
	}
	return err
}

// Argument returns an argument of a command line, quoted, as it may be shown in an error.
// It returns "[not shown]" under the conditions of [Name], except that the argument may
// contain the characters of a path.
func Argument(text string) string {
	if path := strings.ReplaceAll(text, "/", "."); text == "" || Name(path) != path || LooksLikeKey(text) {
		return NotShown
	}
	return strconv.Quote(text)
}
