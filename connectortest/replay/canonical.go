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

	"github.com/penstock-sdk/penstock/internal/shorten"
)

// A canonical request is what decides whether two requests are equal.
type canonical struct {
	Method, Host, Path string
	Query, Form        map[string][]string
	JSON               any
	IsJSON             bool
	Bytes              []byte
	shown              string // for people
}

// canonical returns what counts of a scrubbed request.
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
	begin := strings.TrimSpace(r.Body)
	if strings.Contains(contentType, "json") || strings.HasPrefix(begin, "{") || strings.HasPrefix(begin, "[") {
		c.JSON, c.IsJSON = jsonOf(r.Body)
	}
	if !c.IsJSON {
		c.Bytes = []byte(r.Body)
	}
	return c
}

// pairsOf reads a query or a form, and what is almost one: a source may take it.
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

// key returns a text that equal requests share.
func (c *canonical) key() string {
	text, err := json.Marshal(c)
	if err != nil {
		return fmt.Sprintf("%#v", c) // a number that JSON doesn't know; there is none
	}
	return string(text)
}

// shownValue is how many bytes of a value a message quotes.
const shownValue = 100

// A difference is what tells a request from a recorded one, and how much that
// says against its being the one that was meant.
type difference struct {
	text   string
	weight int
}

// differences returns what tells an asked request from a recorded one.
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
		all = append(all, difference{fmt.Sprintf("body: %d bytes were recorded, %d were asked, from byte %d on they differ",
			len(recorded.Bytes), len(asked.Bytes), commonPrefix(string(recorded.Bytes), string(asked.Bytes))), 5})
	}
	return all
}

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

func showJSON(v any, there bool) string {
	if !there {
		return "nothing"
	}
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return shorten.Text(text, shownValue)
}

// wasAndIs says how two values differ. What was taken out of the recording but
// not out of the request is a secret that nobody said to be one: it isn't shown.
func wasAndIs(was, is string) string {
	if strings.Contains(was, placeholder) && !strings.Contains(is, placeholder) && is != "nothing" {
		return was + " was recorded, something else was asked, which may be a secret that Scrub does not give"
	}
	return was + " was recorded, " + is + " was asked"
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
