package connectortest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// A stateComparison compares a state with that of an earlier sync. It allows
// differences that the option VolatileState names, and instants that the
// connector read from the clock in both syncs.
type stateComparison struct {
	volatile map[string]map[string]bool // keys, by table
	elapsed  time.Duration              // between the two readings of the clock, at most
}

// wantSameState fails if the last state of a sync differs from that of an earlier
// one. name is that of the later sync.
func wantSameState(s *suite, c *check, name string, earlier, later *delivery) {
	before, after := string(earlier.state), string(later.state)
	compare := stateComparison{volatile: s.volatileState, elapsed: later.ended.Sub(earlier.began) + time.Second}
	if path := compare.difference(before, after); path != "" {
		c.failf("the last state of %s differs at %s:\nbefore: %s\nafter:  %s", name, path, before, after)
	}
}

// difference returns the path at which two states differ, or "".
func (m stateComparison) difference(a, b string) string {
	var before, after map[string]any
	for text, into := range map[*string]*map[string]any{&a: &before, &b: &after} {
		dec := json.NewDecoder(strings.NewReader(*text))
		dec.UseNumber()
		if err := dec.Decode(into); err != nil {
			return fmt.Sprintf("its form: %v", err)
		}
		for table, keys := range m.volatile {
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

func (m stateComparison) value(path string, a, b any) string {
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
		if a == b || m.followsClock(a, b) {
			return ""
		}
	}
	return strings.TrimPrefix(path, ".")
}

func (m stateComparison) object(path string, a, b map[string]any) string {
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

// followsClock reports whether both values are instants, and the second is later
// by no more than the time between the syncs. If so, both were read from a clock.
func (m stateComparison) followsClock(a, b any) bool {
	x, ok := instant(a)
	y, ok2 := instant(b)
	if !ok || !ok2 {
		return false
	}
	moved := y.Sub(x)
	return moved >= 0 && moved <= m.elapsed
}

// instant parses a value that may be an instant: text in RFC 3339, or a number of
// seconds, milliseconds, microseconds or nanoseconds since 1970.
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
