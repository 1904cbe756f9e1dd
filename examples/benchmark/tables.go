//go:build unix

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// tables holds the rows that a program delivers, by table and primary key.
type tables map[string]map[string]row

// A row holds the cells of a row by column, in a form that is the same whatever the program
// writes for equal values. A deleted row has no cells.
type row map[string]string

// keys holds the primary keys. Equal names of tables and columns are those of the shop.
var keys = map[string][]string{"customers": {"id"}, "orders": {"id"}, "order_items": {"order_id", "line"}}

// add adds a row as a program delivers it. Items within an order are rows of order_items.
func (t tables) add(table string, cells map[string]any, deleted bool) error {
	for name, value := range cells {
		switch {
		case name == "deleted" && value == true, strings.HasSuffix(name, "_deleted_at") && value != nil:
			deleted = true
		}
	}
	items, _ := cells["items"].([]any)
	for _, item := range items {
		columns, ok := item.(map[string]any)
		if !ok {
			return fmt.Errorf("%s: an item is not an object: %v", table, item)
		}
		columns["order_id"] = cells["id"]
		if err := t.add("order_items", columns, deleted); err != nil {
			return err
		}
	}
	r := row{}
	for name, value := range cells {
		if value == nil || name == "deleted" || name == "items" || strings.HasPrefix(name, "_") {
			continue
		}
		text, err := canonical(value)
		if err != nil {
			return fmt.Errorf("%s.%s: %w", table, name, err)
		}
		r[name] = text
	}
	var key []string
	for _, name := range keys[table] {
		if r[name] == "" {
			return fmt.Errorf("%s: a row has no %s", table, name)
		}
		key = append(key, r[name])
	}
	if deleted {
		r = row{}
	}
	if t[table] == nil {
		t[table] = map[string]row{}
	}
	t[table][strings.Join(key, " ")] = r
	return nil
}

// canonical returns a value as text: a time as an instant, any other value as JSON with sorted
// names.
func canonical(value any) (string, error) {
	if text, ok := value.(string); ok {
		if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
			return t.UTC().Format(time.RFC3339Nano), nil
		}
	}
	encoded, err := json.Marshal(value)
	return string(encoded), err
}

// rows returns the number of rows.
func (t tables) rows() int {
	n := 0
	for _, rows := range t {
		n += len(rows)
	}
	return n
}

// differences returns up to ten differences from the wanted tables.
func (t tables) differences(want tables) []string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(keys)) {
		for key, wanted := range want[name] {
			switch got, ok := t[name][key]; {
			case !ok:
				all = append(all, fmt.Sprintf("%s %s is missing", name, key))
			case !maps.Equal(got, wanted):
				all = append(all, fmt.Sprintf("%s %s is %v instead of %v", name, key, got, wanted))
			}
			if len(all) >= 10 {
				return all
			}
		}
		if extra := len(t[name]) - len(want[name]); extra > 0 {
			all = append(all, fmt.Sprintf("%s has %d rows too many", name, extra))
		}
	}
	return all
}

// eachLine decodes the lines of a file, and keeps the digits of numbers.
func eachLine[T any](path string, use func(*T) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		decoder := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		decoder.UseNumber()
		line := new(T)
		if err := decoder.Decode(line); err != nil {
			return fmt.Errorf("%s: %w: %.200s", path, err, lines.Bytes())
		}
		if err := use(line); err != nil {
			return err
		}
	}
	return lines.Err()
}

// output is the file of a run that holds the standard output.
func output(dir string) string { return filepath.Join(dir, "stdout") }

func stdinTables(dir string) (tables, error) {
	type line struct {
		Type, Op string
		Record   map[string]map[string]map[string]any
	}
	all := tables{}
	err := eachLine(output(dir), func(l *line) error {
		for _, records := range l.Record {
			for name, cells := range records {
				if err := all.add(name, cells, l.Op == "DELETE"); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return all, err
}

func airbyteTables(dir string) (tables, error) {
	type line struct {
		Record *struct {
			Stream string
			Data   map[string]any
		}
	}
	all := tables{}
	err := eachLine(output(dir), func(l *line) error {
		if l.Record == nil {
			return nil
		}
		return all.add(l.Record.Stream, l.Record.Data, false)
	})
	return all, err
}

func singerTables(dir string) (tables, error) {
	type line struct {
		Stream string
		Record map[string]any
	}
	all := tables{}
	err := eachLine(output(dir), func(l *line) error {
		if l.Record == nil {
			return nil
		}
		return all.add(l.Stream, l.Record, false)
	})
	return all, err
}

func dltTables(dir string) (tables, error) {
	all := tables{}
	for _, name := range []string{"customers", "orders"} {
		paths, err := filepath.Glob(filepath.Join(dir, "tables", "shop", name, "*.jsonl"))
		if err != nil {
			return nil, err
		}
		for _, path := range paths {
			if err := eachLine(path, func(cells *map[string]any) error { return all.add(name, *cells, false) }); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}
