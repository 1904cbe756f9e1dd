package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/penstock-sdk/penstock/internal/maskedrow"
	"github.com/penstock-sdk/penstock/internal/rawjson"
	"github.com/penstock-sdk/penstock/internal/redact"
	"github.com/penstock-sdk/penstock/schema"
)

// A leaks masks the secrets of a configuration in what a connector prints and delivers,
// and remembers where they were. A connector in any language may leak one. A leaks is safe
// for concurrent use.
type leaks struct {
	mu      sync.Mutex
	spec    map[string][]string // the values of the fields that the spec calls secret
	news    map[string][]string // the values that the source has replaced
	certain bool                // the spec is known
	fields  []secretField
	all     *redact.Set
	longest int // the length in bytes of the longest secret
	seen    map[leak]int
	order   []leak
	checked checkedTable // used only by row
}

// A secretField is a field of the configuration, with its secrets.
type secretField struct {
	name string
	set  *redact.Set
}

// A checkedTable is a table whose name contains none of the secrets.
type checkedTable struct {
	all           *redact.Set
	schema, table string
}

// A leak is a secret in a place where it must not be.
type leak struct {
	field string
	place string // such as "column note of table shop.orders"
	row   bool
}

// mostLeaks is the number of places that are named. A connector may leak a secret in
// columns without end.
const mostLeaks = 50

// know sets the values that may be secret, before the spec is known.
func (l *leaks) know(fields map[string][]string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.spec = fields
	l.rebuild()
}

// add adds values of secret fields. The first call replaces those of know.
func (l *leaks) add(fields map[string][]string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.certain {
		l.spec, l.certain = map[string][]string{}, true
	}
	for name, values := range fields {
		for _, value := range values {
			if !slices.Contains(l.spec[name], value) {
				l.spec[name] = append(l.spec[name], value)
			}
		}
	}
	l.rebuild()
}

// in reports whether the text of a configuration file holds a secret.
func (l *leaks) in(text []byte) bool {
	return l.mask(string(text)) != string(text)
}

// replaced adds values with which the source replaces secrets.
func (l *leaks) replaced(values map[string]string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.news == nil {
		l.news = map[string][]string{}
	}
	for field, value := range values {
		if value != "" && !slices.Contains(l.news[field], value) {
			l.news[field] = append(l.news[field], value)
		}
	}
	l.rebuild()
}

func (l *leaks) rebuild() {
	values := map[string][]string{}
	for _, fields := range []map[string][]string{l.spec, l.news} {
		for name, some := range fields {
			values[name] = append(values[name], some...)
		}
	}
	l.fields, l.longest = nil, 0
	var all []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		l.fields = append(l.fields, secretField{name, redact.New(values[name])})
		all = append(all, values[name]...)
	}
	for _, value := range all {
		l.longest = max(l.longest, len(value))
	}
	l.all = redact.New(all)
}

// known returns all secrets, and the fields with theirs.
func (l *leaks) known() (all *redact.Set, fields []secretField) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all, l.fields
}

// mask returns text with its secrets masked.
func (l *leaks) mask(text string) string {
	all, _ := l.known()
	return all.Text(text)
}

// text is like mask, and remembers that the secrets were in a place.
func (l *leaks) text(text, place string) string {
	all, fields := l.known()
	masked := all.Text(text)
	if masked == text {
		return text
	}
	for _, f := range fields {
		if f.set.Text(text) != text {
			l.see(leak{field: f.name, place: place})
		}
	}
	return masked
}

func (l *leaks) see(one leak) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen == nil {
		l.seen = map[leak]int{}
	}
	if l.seen[one] == 0 {
		if len(l.order) >= mostLeaks {
			one.place = "other places"
		}
		if l.seen[one] == 0 {
			l.order = append(l.order, one)
		}
	}
	l.seen[one]++
}

// warnings returns a warning for each place where a secret was, and forgets the places.
func (l *leaks) warnings() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var warnings []string
	for _, one := range l.order {
		where := plural(l.seen[one], "time") + " in " + one.place
		advice := "a platform would keep it in plain text"
		if one.row {
			where = "in " + plural(l.seen[one], "row") + ", in " + one.place
			advice = "the warehouse holds " + redact.Mask + " instead, but a platform would store the secret"
		}
		warnings = append(warnings, fmt.Sprintf("the connector leaks the value of the secret field %s: %s; %s", one.field, where, advice))
	}
	l.seen, l.order = nil, nil
	return warnings
}

// row returns a row with its secrets masked so that every value still fits its column. The
// function column returns what is known of a column. It is an error if the name of the table
// contains a secret, or the primary key does: masked keys would be equal.
func (l *leaks) row(schemaName, table string, row []byte, column func(name string) schema.Column) ([]byte, error) {
	all, fields := l.known()
	if last := (checkedTable{all, schemaName, table}); last != l.checked {
		if name := schemaName + "." + table; all.Text(name) != name {
			return nil, l.fault(name, "the name of a table")
		}
		l.checked = last
	}
	if !all.InData(row) {
		return row, nil
	}
	typeOf := func(name string) schema.Type { return column(name).Type }
	return maskedrow.Row(all, row, typeOf, func(m maskedrow.Member) error {
		for _, f := range fields {
			inName := f.set.InData(rawjson.AppendString(nil, m.Column))
			_, count, err := maskedrow.Value(f.set, typeOf(m.Column), m.Value)
			switch {
			case err != nil:
				return err
			case count > 0 && column(m.Column).PrimaryKey:
				return fmt.Errorf("column %s of table %s.%s, which is part of the primary key, contains the value of the secret field %s: a row cannot be stored without it", m.Column, schemaName, table, f.name)
			case inName:
				l.see(leak{f.name, fmt.Sprintf("the name of a column of table %s.%s", schemaName, table), true})
			case count > 0:
				l.see(leak{f.name, fmt.Sprintf("column %s of table %s.%s", m.Column, schemaName, table), true})
			}
		}
		return nil
	})
}

// data returns an error if JSON data, such as a state, contains a secret.
func (l *leaks) data(data []byte, what string) error {
	all, _ := l.known()
	if !all.InData(data) {
		return nil
	}
	if _, count, err := all.Data(data); err != nil || count == 0 {
		return err
	}
	return l.fault(string(data), what)
}

// fault returns the error for a text that contains a secret.
func (l *leaks) fault(text, what string) error {
	_, fields := l.known()
	var value any = text
	_ = json.Unmarshal([]byte(text), &value) // a name is not JSON
	for _, f := range fields {
		place, found := locate(value, func(text string) bool { return f.set.Text(text) != text })
		if !found {
			continue
		}
		if place != "" {
			place = ", at " + l.mask(place)
		}
		return fmt.Errorf("%s contains the value of the secret field %s%s: a platform keeps it in plain text, so it must not contain a secret", what, f.name, place)
	}
	return fmt.Errorf("%s contains a secret of the configuration", what)
}

// cut returns where to divide a text that is not complete, so that both parts can be
// masked: not within a secret, and before a secret of which the text holds only the start.
func (l *leaks) cut(text []byte) int {
	l.mu.Lock()
	longest := l.longest
	l.mu.Unlock()
	if longest == 0 {
		return wholeCharacters(text)
	}
	// The escaped forms of a secret are several times longer than the secret.
	carried := min(8*longest+256, len(text)/2)
	at := len(text) - carried
	whole := l.mask(string(text))
	for ; at > len(text)/2; at -= 509 {
		for at > 0 && !utf8.RuneStart(text[at]) {
			at--
		}
		if l.mask(string(text[:at]))+l.mask(string(text[at:])) == whole {
			break
		}
	}
	return max(at, len(text)/2)
}
