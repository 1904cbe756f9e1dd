package connectortest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// sameState reports a last state of a sync that is not that of an earlier one.
func (s *suite) sameState(c *check, who string, earlier, later *delivery) {
	a, b := string(earlier.state), string(later.state)
	m := movement{suite: s, elapsed: later.ended.Sub(earlier.began) + time.Second}
	if path := m.compare(a, b); path != "" {
		c.broken("the state that %s left differs, at %s:\nbefore: %s\nafter:  %s", who, path, a, b)
	}
}

// A movement tells how a state may differ from one that was left before: as the
// clock has moved on, and where it was excepted.
type movement struct {
	suite   *suite
	elapsed time.Duration
}

// compare returns where the states differ, or "".
func (m movement) compare(a, b string) string {
	var before, after map[string]any
	for text, into := range map[*string]*map[string]any{&a: &before, &b: &after} {
		dec := json.NewDecoder(strings.NewReader(*text))
		dec.UseNumber()
		if err := dec.Decode(into); err != nil {
			return fmt.Sprintf("its form: %v", err)
		}
		for table, keys := range m.suite.volatileState {
			if part, ok := (*into)[table].(map[string]any); ok {
				maps.DeleteFunc(part, func(key string, _ any) bool { return keys[key] })
				if len(part) == 0 {
					delete(*into, table)
				}
			}
		}
	}
	return m.value("", before, after)
}

func (m movement) value(path string, a, b any) string {
	switch x := a.(type) {
	case map[string]any:
		if y, ok := b.(map[string]any); ok {
			return m.object(path, x, y)
		}
	case []any:
		if y, ok := b.([]any); ok && len(x) == len(y) {
			for i := range x {
				if at := m.value(fmt.Sprintf("%s.%d", path, i), x[i], y[i]); at != "" {
					return at
				}
			}
			return ""
		}
	case nil, bool, string, json.Number:
		if a == b || m.ticked(a, b) {
			return ""
		}
	}
	return strings.TrimPrefix(path, ".")
}

func (m movement) object(path string, a, b map[string]any) string {
	names := maps.Clone(a)
	maps.Copy(names, b)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		x, inA := a[name]
		y, inB := b[name]
		at := strings.TrimPrefix(path+"."+name, ".")
		if inA != inB {
			return at
		}
		if at := m.value(at, x, y); at != "" {
			return at
		}
	}
	return ""
}

// ticked reports whether both values are instants, the second later than the
// first by no more than the time that has passed: both were read from a clock.
func (m movement) ticked(a, b any) bool {
	x, ok := instant(a)
	y, ok2 := instant(b)
	if !ok || !ok2 {
		return false
	}
	moved := y.Sub(x)
	return moved >= 0 && moved <= m.elapsed
}

// instant reads a value that may be an instant: text, or a count of seconds,
// milliseconds, microseconds or nanoseconds since 1970.
func instant(v any) (time.Time, bool) {
	switch v := v.(type) {
	case string:
		t, err := time.Parse(time.RFC3339, v)
		return t, err == nil
	case json.Number:
		n, err := v.Int64()
		if err != nil || n < 1e9 {
			return time.Time{}, false
		}
		switch {
		case n < 1e11:
			return time.Unix(n, 0), true
		case n < 1e14:
			return time.UnixMilli(n), true
		case n < 1e17:
			return time.UnixMicro(n), true
		}
		return time.Unix(0, n), true
	}
	return time.Time{}, false
}

// postponed returns a state whose instants are later, those that are text, and
// whether there are any. Numbers may be something else.
func postponed(state json.RawMessage, by time.Duration) (json.RawMessage, bool) {
	dec := json.NewDecoder(bytes.NewReader(state))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil {
		return nil, false
	}
	found := false
	var postpone func(v any) any
	postpone = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			for name := range v {
				v[name] = postpone(v[name])
			}
		case []any:
			for i := range v {
				v[i] = postpone(v[i])
			}
		case string:
			if at, err := time.Parse(time.RFC3339Nano, v); err == nil {
				found = true
				return at.Add(by).Format(time.RFC3339Nano)
			}
		}
		return v
	}
	text, err := json.Marshal(postpone(v))
	return text, found && err == nil
}
