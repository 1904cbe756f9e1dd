package schema_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/schema"
)

func FuzzRawRow(f *testing.F) {
	for _, seed := range []string{
		`{"id":1,"line":2,"note":"a"}`, `{"id":1,"line":2,"x":{"a":[1,"\ud83d\ude00",1e5]}}`, "{\"id\":1,\"line\":2,\"note\":\"\xff\u2028\"}",
		`{"id":1,"line":2,"at":"2026-01-02T03:04:05.10+02:00","d":1.50,"b":"aGk=","j":[ {"a": 1,"a":2} ]}`,
		`{"id":1,"line":2,"\ud800":"\udc00"}`, "{\n}", `{"id":1,"line":2,"aB":1,"Ab":2}`, `{"a":1,"a ":2}`, `{"":1}`, `{"id":1,"line":2,"Note":3}`,
		`{"id":1,"line":2,"d":1000.125,"b":"00112233445566778899aabbccddeeff"}`, `[]`, `{"id":1.0,"line":-0,"f":1e400}`, ``, `{"id":1,"line":1}{}`,
	} {
		f.Add([]byte(seed))
	}
	table := keyed
	table.Columns = append(table.Columns[:4:4],
		schema.Column{Name: "at", Type: schema.TypeUTCDatetime}, schema.Column{Name: "d", Type: schema.TypeDecimal, Precision: 6, Scale: 2},
		schema.Column{Name: "b", Type: schema.TypeBinary}, schema.Column{Name: "j", Type: schema.TypeJSON}, schema.Column{Name: "f", Type: schema.TypeDouble},
		schema.Column{Name: "n", Type: schema.TypeNaiveDatetime}, schema.Column{Name: "day", Type: schema.TypeNaiveDate})
	open := &schema.Table{Name: "open"}
	f.Fuzz(func(t *testing.T, in []byte) {
		before := bytes.Clone(in)
		e := schema.NewEncoder(open, nil)
		out, err := e.Append(nil, in, schema.Full)
		require.Equal(t, before, in, "the row must not be modified")
		if err == nil {
			checkLine(t, out)
			require.True(t, json.Valid(before))
			require.Equal(t, decode(t, before), decode(t, out))
			again, err := e.Append(nil, out, schema.Full)
			require.NoError(t, err)
			require.Equal(t, string(out), string(again), "the canonical form of a canonical row is the row itself")
		} else {
			var rowErr *schema.RowError
			require.ErrorAs(t, err, &rowErr)
		}
		if names, ok := memberNames(before); ok {
			require.Equal(t, areColumns(names), err == nil, "%v", err)
		}
		if out, err := schema.NewEncoder(&table, nil).Append(nil, in, schema.Full); err == nil {
			checkLine(t, out)
			got, want := decode(t, out).(map[string]any), decode(t, before).(map[string]any)
			require.Len(t, got, len(want))
			require.Equal(t, want["note"], got["note"])
			require.Equal(t, want["j"], got["j"])
			if text, ok := want["b"].(string); ok {
				require.Equal(t, bytesOf(t, text), bytesOf(t, got["b"].(string)))
			}
			require.True(t, areColumns(slices.Collect(maps.Keys(got))))
			again, err := schema.NewEncoder(&table, nil).Append(nil, out, schema.Full)
			require.NoError(t, err)
			require.Equal(t, string(out), string(again))
		}
	})
}

// memberNames returns the names of the members of a JSON object. It returns
// false for other text, and for names that may have been repaired.
func memberNames(data []byte) (names []string, ok bool) {
	d := json.NewDecoder(bytes.NewReader(data))
	if open, err := d.Token(); err != nil || open != json.Delim('{') || !json.Valid(data) {
		return nil, false
	}
	for d.More() {
		name, err := d.Token()
		var skipped json.RawMessage
		if err != nil || d.Decode(&skipped) != nil || strings.Contains(name.(string), "\uFFFD") {
			return nil, false
		}
		names = append(names, name.(string))
	}
	return names, true
}

// areColumns reports whether a row may have undeclared columns of these names.
func areColumns(names []string) bool {
	seen := map[string]bool{}
	for _, name := range names {
		folded := strings.ToLower(strings.ToUpper(name))
		if name == "" || seen[folded] || strings.TrimSpace(name) != name || strings.ContainsFunc(name, unicode.IsControl) {
			return false
		}
		seen[folded] = true
	}
	return true
}

func bytesOf(t *testing.T, text string) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(text)
	require.NoError(t, err)
	return b
}

func checkLine(t *testing.T, out []byte) {
	t.Helper()
	require.True(t, json.Valid(out), "%q", out)
	require.True(t, utf8.Valid(out), "%q", out)
	require.False(t, bytes.ContainsAny(out, "\n\r\u2028\u2029"), "%q", out)
}

func decode(t *testing.T, data []byte) (v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	require.NoError(t, d.Decode(&v))
	return v
}

type fuzzRow struct {
	S      string            `json:"s"`
	I      int64             `json:"i,omitempty"`
	U      uint64            `json:"u,string"`
	F      float64           `json:"f"`
	F32    float32           `json:"f32,omitzero"`
	B      []byte            `json:"b"`
	M      map[string]string `json:"m"`
	Tree   tree              `json:"tree"`
	Any    any               `json:"any"`
	Base   `json:"base"`
	Joined struct {
		Base
		Raw json.RawMessage `json:"raw"`
	} `json:"joined"`
	At time.Time `json:"at"`
}

func FuzzStructRow(f *testing.F) {
	f.Add("a", int64(1), uint64(2), 0.5, []byte("b"), int64(3))
	f.Add("\xff\u2028<&>\"\\\x00\uFFFD", int64(math.MinInt64), uint64(math.MaxUint64), 1e300, []byte(nil), int64(1<<60))
	f.Add("1e5", int64(0), uint64(0), math.Copysign(0, -1), []byte{}, int64(-1<<60))
	f.Add("", int64(9007199254740993), uint64(1), 1e-7, []byte{0}, int64(0))
	f.Add("", int64(1), uint64(1), 9007199254740992.0, []byte{0}, int64(0))
	f.Add("", int64(1), uint64(1), 16777216.0, []byte{0}, int64(0))
	f.Add("", int64(1), uint64(1), math.Inf(1), []byte{0}, int64(0))
	f.Fuzz(func(t *testing.T, s string, i int64, u uint64, fl float64, b []byte, at int64) {
		quoted, err := json.Marshal(s)
		require.NoError(t, err)
		v := fuzzRow{S: s, I: i, U: u, F: fl, F32: float32(fl), B: b, M: map[string]string{s: s, "k": "v"}, At: time.Unix(at, i&0xffffff).UTC()}
		v.Tree = tree{Name: s, Leaves: []tree{{Name: "x", Next: &tree{Name: s}}}, ByName: map[string]tree{"k" + s: {}}}
		v.Any = []any{s, i, u, fl, b, map[string]any{s: i}, &v.Tree, nil}
		v.Base = Base{i, s}
		v.Joined.Base, v.Joined.Raw = v.Base, quoted
		want, wantErr := json.Marshal(&v)
		if math.Abs(fl) >= 1<<53 || math.Abs(float64(v.F32)) >= 1<<24 && v.F32 == float32(math.Trunc(float64(v.F32))) {
			wantErr = errors.New("a float may have lost digits")
		}
		e := schema.NewEncoder(oneOf(schema.TypeJSON), nil)
		got, err := e.Append(nil, row(v), schema.Full)
		require.Equal(t, wantErr == nil, err == nil, "%v but %v", wantErr, err)
		if err != nil {
			return
		}
		checkLine(t, got)
		require.Equal(t, decode(t, want), decode(t, got).(map[string]any)["v"])
		if utf8.ValidString(s) {
			require.Empty(t, e.Replaced())
		} else {
			require.Equal(t, map[string]int{"v": 1}, e.Replaced())
		}
		fromMap, err := schema.NewEncoder(oneOf(schema.TypeJSON), nil).Append(nil, map[string]any{"v": v}, schema.Full)
		require.NoError(t, err)
		require.Equal(t, string(got), string(fromMap))
	})
}
