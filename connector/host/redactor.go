package host

import (
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/internal/pasted"
)

// mask replaces a secret.
var mask = connector.Secret("secret").String()

// A secret that has fewer bytes than shortSecret is masked only where it is a
// separate word, because ordinary text may contain it by chance.
const shortSecret = 4

// A secret that has fewer bytes than rowSecret is not looked for in rows and
// states, where a match is more likely to be data than the secret.
const rowSecret = 8

// A redactor masks secrets in text. It is safe for concurrent use, and secrets can
// be added at any time.
type redactor struct {
	adding sync.Mutex
	fixed  []string // masked until the end of the run
	owners []owned  // of secrets that are replaced; the most recently used one is last
	spelt  map[string]spellings
	known  atomic.Pointer[redactions]
}

// spellings are the forms in which a secret may appear. They are computed once, because a
// run with many accounts adds tokens often.
type spellings struct {
	text []string // in text
	rows []string // in rows and states
}

// owned holds the latest secrets from one place, such as the tokens of one client.
type owned struct {
	owner  any
	values []string
}

const (
	// maxOwned is the number of secrets of one owner: two tokens and two refresh
	// tokens of a source that replaces both.
	maxOwned = 4
	// maxOwners is the number of owners.
	maxOwners = 256
)

// redactions is an immutable set of secrets.
type redactions struct {
	values   []string
	words    []string          // the values shorter than shortSecret
	replacer *strings.Replacer // of the encodings of the other values
	rows     needles           // the spellings to look for in rows and states
}

// add adds secrets. The redactor looks for them in every encoding in which they
// are likely to appear.
func (r *redactor) add(secrets []string) {
	r.adding.Lock()
	defer r.adding.Unlock()
	before := len(r.fixed)
	for _, secret := range secrets {
		// A connector may use a pasted key without its line end.
		for _, s := range []string{secret, pasted.Trim(secret)} {
			if s != "" && !slices.Contains(r.fixed, s) {
				r.fixed = append(r.fixed, s)
			}
		}
	}
	if len(r.fixed) > before {
		r.rebuild()
	}
}

// addOwned adds secrets that later ones of the same owner replace: the redactor masks
// the latest few of each owner, so that neither its memory nor the time for a row grows
// with the number of times that a token is renewed. It may be called for each use of a
// secret.
func (r *redactor) addOwned(owner any, secrets ...string) {
	r.adding.Lock()
	defer r.adding.Unlock()
	o := owned{owner: owner}
	if i := slices.IndexFunc(r.owners, func(o owned) bool { return o.owner == owner }); i >= 0 {
		o = r.owners[i]
		r.owners = slices.Delete(r.owners, i, i+1)
	}
	changed := false
	for _, s := range secrets {
		if s == "" || slices.Contains(o.values, s) || slices.Contains(r.fixed, s) {
			continue
		}
		o.values, changed = append(o.values, s), true
		if len(o.values) > maxOwned {
			o.values = slices.Delete(o.values, 0, 1)
		}
	}
	r.owners = append(r.owners, o)
	if len(r.owners) > maxOwners {
		r.owners = slices.Delete(r.owners, 0, 1)
	}
	if changed {
		r.rebuild()
	}
}

// rebuild makes the redactor look for the current secrets.
func (r *redactor) rebuild() {
	all := &redactions{values: slices.Clone(r.fixed)}
	for _, o := range r.owners {
		all.values = append(all.values, o.values...)
	}
	// Longest first: if one secret contains another, the longer one must match.
	longestFirst := func(a, b string) int { return len(b) - len(a) }
	slices.SortFunc(all.values, longestFirst)
	spelt := r.spelt
	r.spelt = make(map[string]spellings, len(all.values))
	var inText []string
	var inRows [][]byte
	for _, s := range all.values {
		if len(s) < shortSecret {
			all.words = append(all.words, s)
			continue
		}
		known, ok := spelt[s]
		if !ok {
			known.text = encodings(s)
			if len(s) >= rowSecret {
				known.rows = jsonSpellings(s)
			}
		}
		r.spelt[s] = known
		inText = append(inText, known.text...)
		for _, text := range known.rows {
			inRows = append(inRows, []byte(text))
		}
	}
	all.rows = newNeedles(inRows)
	slices.SortFunc(inText, longestFirst)
	var pairs []string
	for _, n := range slices.Compact(inText) {
		pairs = append(pairs, n, mask)
	}
	all.replacer = strings.NewReplacer(pairs...)
	r.known.Store(all)
}

// text returns s with the secrets in it masked.
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

// replaceWord masks each occurrence of word in s that is not adjacent to a
// letter, digit or underscore.
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

// inJSON reports whether a canonical row or a state contains a secret. It is called
// for every row and does not allocate.
func (r *redactor) inJSON(b []byte) bool {
	known := r.known.Load()
	return known != nil && known.rows.in(b)
}

// json returns a JSON value with the secrets in its strings masked, and the number
// of strings that contained one. It does not change the names of members, nor
// numbers, whose digits may equal a secret by chance.
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
