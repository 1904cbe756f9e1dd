package host

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"
	"unicode/utf16"
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

// encodings returns the secret as it may turn up in text.
func encodings(s string) []string {
	found := []string{
		s, strings.Trim(fmt.Sprintf("%q", s), `"`), strings.Trim(fmt.Sprintf("%+q", s), `"`),
		url.QueryEscape(s), url.PathEscape(s), html.EscapeString(s),
	}
	found = append(found, jsonSpellings(s)...)
	if len(s) < rowSecret {
		return found
	}
	hexed := hex.EncodeToString([]byte(s))
	found = append(found, hexed, strings.ToUpper(hexed))
	// Within other text, as in the user:password of basic authentication,
	// base64 gives one of three forms, of which the middle is always the same.
	for shift := range 3 {
		padded := append(make([]byte, shift), s...)
		usable := len(padded) - len(padded)%3
		first := (shift*8 + 5) / 6 // characters that depend on what stands before
		for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			if text := enc.EncodeToString(padded[:usable])[first:]; len(text) >= rowSecret {
				found = append(found, text)
			}
		}
	}
	return found
}

// quotedInside returns the secret as it stands inside a JSON string.
func quotedInside(s string) string {
	quoted, err := jsontext.AppendQuote(nil, s)
	if err != nil {
		quoted, _ = jsontext.AppendQuote(nil, strings.ToValidUTF8(s, "\uFFFD"))
	}
	return string(quoted[1 : len(quoted)-1])
}

// jsonSpellings returns the secret as encoders spell it inside a JSON string: with
// as few escapes as there can be, and with those for HTML, for ASCII, and of
// slashes. For most secrets they are one.
func jsonSpellings(s string) []string {
	marshalled, _ := json.Marshal(s) // of a string, which never fails
	var all []string
	for _, quoted := range []string{quotedInside(s), string(marshalled[1 : len(marshalled)-1])} {
		for _, text := range []string{quoted, inASCII(quoted)} {
			all = append(all, text, strings.ReplaceAll(text, "/", `\/`))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// inASCII escapes the characters of a JSON string that are not ASCII, as the
// encoders of many languages do.
func inASCII(quoted string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(quoted)) {
		if unit < utf8.RuneSelf {
			b.WriteByte(byte(unit))
		} else {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
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

// A redactingHandler is a slog.Handler that lets no secret through.
type redactingHandler struct {
	slog.Handler
	redactor *redactor
}

func (h redactingHandler) Handle(ctx context.Context, r slog.Record) error {
	if h.redactor.known.Load() == nil {
		return h.Handler.Handle(ctx, r)
	}
	clean := slog.NewRecord(r.Time, r.Level, h.redactor.text(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(h.attr(a))
		return true
	})
	return h.Handler.Handle(ctx, clean)
}

func (h redactingHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = h.attr(a)
	}
	return redactingHandler{h.Handler.WithAttrs(clean), h.redactor}
}

func (h redactingHandler) WithGroup(name string) slog.Handler {
	return redactingHandler{h.Handler.WithGroup(h.redactor.text(name)), h.redactor}
}

func (h redactingHandler) attr(a slog.Attr) slog.Attr {
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindString:
		v = slog.StringValue(h.redactor.text(v.String()))
	case slog.KindGroup:
		group := slices.Clone(v.Group())
		for i := range group {
			group[i] = h.attr(group[i])
		}
		v = slog.GroupValue(group...)
	case slog.KindAny:
		v = h.any(v)
	}
	return slog.Attr{Key: h.redactor.text(a.Key), Value: v}
}

// any keeps a value as it is unless one of its usual renderings shows a
// secret; then the clean rendering takes its place.
func (h redactingHandler) any(v slog.Value) slog.Value {
	if err, ok := v.Any().(error); ok && !isNil(err) {
		return slog.StringValue(h.redactor.text(err.Error()))
	}
	plain := fmt.Sprintf("%+v", v.Any())
	if clean := h.redactor.text(plain); clean != plain {
		return slog.StringValue(clean)
	}
	if encoded, err := json.Marshal(v.Any()); err == nil {
		if clean := h.redactor.text(string(encoded)); clean != string(encoded) {
			return slog.StringValue(clean)
		}
	}
	return v
}
