package host

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/connector"
)

// mask takes the place of a secret.
var mask = connector.Secret("secret").String()

// Secrets of fewer bytes than shortSecret are words that ordinary text may
// hold, too: they are removed only where they stand alone.
const shortSecret = 4

// Secrets of fewer bytes than rowSecret are not looked for in rows and states:
// the chance that they are data is larger than that they are the secret.
const rowSecret = 8

// A redactor removes secrets from text. It is safe for concurrent use, and
// can be told of further secrets at any time.
type redactor struct {
	adding sync.Mutex
	known  atomic.Pointer[redactions]
}

type redactions struct {
	values   []string
	words    []string // the short ones
	replacer *strings.Replacer
	rows     [][]byte // as they stand in rows and states
}

// add makes the redactor look for further secrets, in every encoding in which
// they are likely to turn up.
func (r *redactor) add(secrets []string) {
	r.adding.Lock()
	defer r.adding.Unlock()
	all := &redactions{}
	if old := r.known.Load(); old != nil {
		all.values = slices.Clone(old.values)
	}
	for _, s := range secrets {
		if s != "" && !slices.Contains(all.values, s) {
			all.values = append(all.values, s)
		}
	}
	if len(all.values) == 0 {
		return
	}
	var needles []string
	for _, s := range all.values {
		if len(s) < shortSecret {
			all.words = append(all.words, s)
			continue
		}
		needles = append(needles, encodings(s)...)
		if len(s) >= rowSecret {
			for _, text := range jsonSpellings(s) {
				all.rows = append(all.rows, []byte(text))
			}
		}
	}
	// The longest first: a secret within a longer one must not hide it.
	slices.SortFunc(needles, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, n := range slices.Compact(needles) {
		pairs = append(pairs, n, mask)
	}
	all.replacer = strings.NewReplacer(pairs...)
	r.known.Store(all)
}

// text returns s without the secrets in it.
func (r *redactor) text(s string) string {
	known := r.known.Load()
	if known == nil || s == "" {
		return s
	}
	s = known.replacer.Replace(s)
	for _, word := range known.words {
		s = replaceWord(s, word)
	}
	return s
}

// replaceWord masks word in s where no letter or digit touches it.
func replaceWord(s, word string) string {
	var b strings.Builder
	for from := 0; ; {
		i := strings.Index(s[from:], word)
		if i < 0 {
			if b.Len() == 0 {
				return s
			}
			return b.String() + s[from:]
		}
		i += from
		before, _ := utf8.DecodeLastRuneInString(s[:i])
		after, _ := utf8.DecodeRuneInString(s[i+len(word):])
		b.WriteString(s[from:i])
		if isWordRune(before) || isWordRune(after) {
			b.WriteString(word)
		} else {
			b.WriteString(mask)
		}
		from = i + len(word)
	}
}

func isWordRune(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_')
}

// inJSON reports whether a canonical row or a state holds a secret. It is
// called for every row: it allocates nothing.
func (r *redactor) inJSON(b []byte) bool {
	known := r.known.Load()
	if known == nil {
		return false
	}
	for _, needle := range known.rows {
		if bytes.Contains(b, needle) {
			return true
		}
	}
	return false
}

// json returns a JSON value with the secrets in its strings masked, and how
// many strings that were. Names of members stay, and so do numbers, whose
// digits may be those of a secret by chance.
func (r *redactor) json(v []byte) (masked []byte, count int, err error) {
	known := r.known.Load()
	dec := jsontext.NewDecoder(strings.NewReader(string(v)), jsontext.AllowDuplicateNames(true))
	var out strings.Builder
	enc := jsontext.NewEncoder(&out, jsontext.AllowDuplicateNames(true))
	for {
		token, err := dec.ReadToken()
		if err == io.EOF {
			return []byte(strings.TrimSuffix(out.String(), "\n")), count, nil
		}
		if err != nil {
			return nil, 0, err
		}
		kind, length := dec.StackIndex(dec.StackDepth())
		isName := kind == '{' && length%2 == 1
		if token.Kind() == '"' && !isName {
			text := token.String()
			hit := false
			for _, s := range known.values {
				if len(s) >= rowSecret && strings.Contains(text, s) {
					text, hit = strings.ReplaceAll(text, s, mask), true
				}
			}
			if hit {
				count++
			}
			token = jsontext.String(text)
		}
		if err := enc.WriteToken(token); err != nil {
			return nil, 0, err
		}
	}
}
