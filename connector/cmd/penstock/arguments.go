package main

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/penstock-sdk/penstock/internal/pasted"
	"github.com/penstock-sdk/penstock/internal/secretname"
)

// shownArguments returns a command line for a message. It leaves out the values of
// arguments whose names say that they are secret, such as --api-key=VALUE, and arguments
// that look like a key or like a configuration.
func shownArguments(args []string) string {
	shown := make([]string, len(args))
	for i, arg := range args {
		shown[i] = arg
		name, _, assigned := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		switch {
		case i > 0 && strings.HasPrefix(args[i-1], "-") && secretname.Parameter(strings.TrimLeft(args[i-1], "-")) && !strings.HasPrefix(arg, "-"):
			shown[i] = "…"
		case assigned && pasted.Name(name) == name && (secretname.Parameter(name) || isPasted(arg)):
			shown[i] = arg[:strings.IndexByte(arg, '=')] + "=…"
		case isPasted(arg):
			shown[i] = "…"
		}
	}
	return strings.Join(shown, " ")
}

// isPasted reports whether an argument contains a key, a configuration, or a password of a
// variable or of a URL.
func isPasted(arg string) bool {
	return len(keysIn(arg))+len(passwordsIn(arg)) > 0 || strings.ContainsAny(arg, `{}"`) || strings.Contains(arg, "://") && strings.Contains(arg, "@")
}

// keysIn returns the parts of an argument that look like keys. An argument that names a
// file has none.
func keysIn(arg string) []string {
	var keys []string
	name, value, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
	for _, text := range []string{name, value} {
		if text == "" || pasted.File(text) == text {
			continue
		}
		keys = append(keys, pasted.Keys(text)...)
		for word := range strings.FieldsFuncSeq(text, separatesWords) { // of a statement
			keys = append(keys, pasted.Keys(word)...)
		}
	}
	return keys
}

// separatesWords reports whether a character separates the words of an SQL statement or of
// JSON. It is false for the characters of base64.
func separatesWords(r rune) bool {
	return unicode.IsSpace(r) || strings.ContainsRune("\"'`()[]{},;:=<>", r)
}

var (
	// assignment matches the assignment of a variable or of a flag.
	assignment = regexp.MustCompile(`^["']?-*([A-Za-z_][\w.-]*)=(.+)$`)
	// login matches user:password before the last at sign of a word, but not the scheme of a URL.
	login = regexp.MustCompile(`^(?:.*://|.*=)?([^/:]*:/?[^/].*@)`)
	// digest matches the end of the name of an image.
	digest = regexp.MustCompile(`@sha[0-9]+:[0-9a-f]*$`)
)

// passwordsIn returns the words of an argument that contain a password, each with what
// replaces it: API_KEY=hunter2, whose name says that the value is secret, and user:hunter2@host.
func passwordsIn(arg string) map[string]string {
	shown := map[string]string{}
	if _, err := os.Lstat(arg); err == nil {
		return shown
	}
	for word := range strings.FieldsSeq(arg) {
		if m := assignment.FindStringSubmatch(word); m != nil && secretname.Parameter(m[1]) {
			shown[word] = strings.TrimSuffix(word, m[2]) + pasted.NotShown
			continue
		}
		word = digest.ReplaceAllString(word, "")
		if m := login.FindStringSubmatch(word); m != nil {
			shown[m[1]] = pasted.NotShown + "@"
		}
	}
	return shown
}

// checkDirectory refuses a directory that a command would create although its name looks like
// a key. A directory within an existing one is accepted: a person has not pasted such a path in
// place of a key.
func checkDirectory(what, dir string) error {
	root := len(dir) - len(strings.TrimLeft(dir, `/\`))
	first, _, _ := strings.Cut(filepath.ToSlash(dir[root:]), "/")
	if !pasted.LooksLikeKey(dir) {
		return nil
	}
	if _, err := os.Lstat(dir[:root+len(first)]); err == nil {
		return nil
	}
	return &usageError{fmt.Errorf("%s looks like a key; want a directory, such as ./out", what)}
}

// hidingKeys returns a function that masks the arguments, and their parts, that look like
// keys or contain a password: a person may have typed a key in place of a command, a flag or a
// file. Errors of the system, of SQLite and of the go command repeat arguments too.
func hidingKeys(args []string) func(text string) string {
	shown := map[string]string{}
	for _, arg := range args {
		for _, key := range keysIn(arg) {
			shown[key] = pasted.NotShown
		}
		for word, masked := range passwordsIn(arg) {
			shown[word] = masked
			if quoted := strconv.Quote(word); len(quoted) > len(word)+len(`""`) { // an error quotes it
				shown[quoted[1:len(quoted)-1]] = masked
			}
		}
	}
	// A key may be a part of a longer one.
	keys := slices.SortedFunc(maps.Keys(shown), func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	var pairs []string
	for _, key := range keys {
		pairs = append(pairs, key, shown[key])
	}
	return strings.NewReplacer(pairs...).Replace
}
