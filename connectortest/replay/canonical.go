package replay

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/dnaeon/go-vcr.v4/pkg/cassette"

	"github.com/penstock-sdk/penstock/internal/redact"
	"github.com/penstock-sdk/penstock/internal/shorten"
)

// A canonical request holds the parts of a request that are compared.
type canonical struct {
	Method, Host, Path string
	Query, Form        map[string][]string
	JSON               any
	IsJSON             bool
	Bytes              []byte
	shown              string // for messages
}

// canonical returns the parts of a scrubbed request that are compared.
func (s *settings) canonical(r *cassette.Request) *canonical {
	c := &canonical{Method: r.Method, shown: r.Method + " " + r.URL}
	if u, err := url.Parse(r.URL); err == nil {
		c.Host, c.Path = u.Scheme+"://"+u.Host, cmp.Or(u.EscapedPath(), "/")
		c.Query = pairsOf(u.RawQuery)
	} else {
		c.Path = r.URL
	}
	if s.anyHost {
		c.Host = ""
	}
	maps.DeleteFunc(c.Query, func(name string, _ []string) bool { return s.ignore[strings.ToLower(name)] })
	contentType := strings.ToLower(r.Headers.Get("Content-Type"))
	if isForm(contentType) {
		c.Form = pairsOf(r.Body)
		return c
	}
	start := strings.TrimSpace(r.Body)
	if strings.Contains(contentType, "json") || strings.HasPrefix(start, "{") || strings.HasPrefix(start, "[") {
		c.JSON, c.IsJSON = jsonOf(r.Body)
	}
	if !c.IsJSON {
		c.Bytes = []byte(r.Body)
	}
	return c
}

// pairsOf parses a query or a form. It accepts malformed pairs, because a source may
// accept them.
func pairsOf(text string) map[string][]string {
	pairs := map[string][]string{}
	for part := range strings.SplitSeq(text, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		name, value = unescaped(name), unescaped(value)
		pairs[name] = append(pairs[name], value)
	}
	return pairs
}

func unescaped(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return text
}

func jsonOf(text string) (any, bool) {
	var v any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, false
	}
	_, err := d.Token()
	return v, err == io.EOF
}

// key returns a text that is the same for equal requests.
func (c *canonical) key() string {
	text, err := json.Marshal(c)
	if err != nil {
		return fmt.Sprintf("%#v", c) // does not happen: all numbers come from JSON
	}
	return string(text)
}

// shownValue is the maximum number of bytes of a value that a message quotes.
const shownValue = 100

// A difference describes one difference between a request and a recorded request.
// The recorded request with the smallest total weight is the nearest.
type difference struct {
	text   string
	weight int
}

// differences returns the differences between a recorded request and another one.
func differences(recorded, asked *canonical) []difference {
	var all []difference
	text := func(what, a, b string, weight int) {
		if a != b {
			all = append(all, difference{what + ": " + wasAndIs(shorten.Quote(a, shownValue), shorten.Quote(b, shownValue)), weight})
		}
	}
	text("method", recorded.Method, asked.Method, 20)
	text("host", recorded.Host, asked.Host, 20)
	text("path", recorded.Path, asked.Path, 20+len(asked.Path)-commonPrefix(recorded.Path, asked.Path))
	values(&all, "query parameter", recorded.Query, asked.Query)
	switch {
	case recorded.IsJSON && asked.IsJSON:
		jsonDifferences(&all, "", recorded.JSON, asked.JSON)
	case recorded.Form != nil && asked.Form != nil:
		values(&all, "form field", recorded.Form, asked.Form)
	case recorded.kind() != asked.kind():
		all = append(all, difference{"body: " + wasAndIs(recorded.kind(), asked.kind()), 10})
	case string(recorded.Bytes) != string(asked.Bytes):
		all = append(all, difference{fmt.Sprintf("body: %d bytes were recorded and %d were sent; the first difference is at byte %d",
			len(recorded.Bytes), len(asked.Bytes), commonPrefix(string(recorded.Bytes), string(asked.Bytes))), 5})
	}
	return all
}

// kind describes the body.
func (c *canonical) kind() string {
	switch {
	case c.IsJSON:
		return "JSON"
	case c.Form != nil:
		return "a form"
	case len(c.Bytes) == 0:
		return "nothing"
	}
	return "text"
}

// values appends the differences between parameters or form fields.
func values(all *[]difference, what string, recorded, asked map[string][]string) {
	for _, name := range union(recorded, asked) {
		was, is := recorded[name], asked[name]
		if slices.Equal(was, is) {
			continue
		}
		show := func(values []string) string {
			if len(values) == 0 {
				return "nothing"
			}
			quoted := make([]string, len(values))
			for i, v := range values {
				quoted[i] = shorten.Quote(v, shownValue)
			}
			return strings.Join(quoted, ", ")
		}
		*all = append(*all, difference{what + " " + name + ": " + wasAndIs(show(was), show(is)), 2})
	}
}

// jsonDifferences appends the differences between JSON values. The path of a value
// starts with a dot.
func jsonDifferences(all *[]difference, path string, recorded, asked any) {
	switch was := recorded.(type) {
	case map[string]any:
		if is, ok := asked.(map[string]any); ok {
			for _, name := range union(was, is) {
				a, inA := was[name]
				b, inB := is[name]
				if inA && inB {
					jsonDifferences(all, path+"."+name, a, b)
				} else {
					jsonDifference(all, path+"."+name, showJSON(a, inA), showJSON(b, inB))
				}
			}
			return
		}
	case []any:
		if is, ok := asked.([]any); ok {
			for i := range max(len(was), len(is)) {
				at := path + "." + strconv.Itoa(i)
				switch {
				case i >= len(was):
					jsonDifference(all, at, "nothing", showJSON(is[i], true))
				case i >= len(is):
					jsonDifference(all, at, showJSON(was[i], true), "nothing")
				default:
					jsonDifferences(all, at, was[i], is[i])
				}
			}
			return
		}
	}
	if !reflect.DeepEqual(recorded, asked) {
		jsonDifference(all, path, showJSON(recorded, true), showJSON(asked, true))
	}
}

func jsonDifference(all *[]difference, path, was, is string) {
	*all = append(*all, difference{"body path " + cmp.Or(path, ".") + ": " + wasAndIs(was, is), 2})
}

func showJSON(v any, present bool) string {
	if !present {
		return "nothing"
	}
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return shorten.Text(text, shownValue)
}

// wasAndIs describes two values that differ. If the recorded value was replaced and
// the other one was not, the latter may be a secret that the test does not pass to
// Scrub. It is not shown.
func wasAndIs(was, is string) string {
	if masked(was) && !masked(is) && is != "nothing" {
		return was + " was recorded; the request has another value, which is not shown because it may be a secret that is missing from Scrub"
	}
	return was + " was recorded, " + is + " was sent"
}

func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func union[V any](a, b map[string]V) []string {
	names := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(names)
	return slices.Compact(names)
}

// masked reports whether a text contains a replaced secret.
func masked(text string) bool { return strings.Contains(text, redact.Mask) }
