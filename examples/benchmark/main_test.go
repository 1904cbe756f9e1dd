//go:build unix

package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMain(m *testing.M) {
	if os.Getenv(measuring) != "" {
		if err := measureArguments(context.Background()); err != nil {
			panic(err)
		}
		return
	}
	os.Exit(m.Run())
}

func TestTheProgramsInGoDeliverEqualRows(t *testing.T) {
	dir := t.TempDir()
	contenders, err := build(t.Context(), filepath.Join("..", ".."), "", dir)
	if err != nil {
		t.Fatal(err)
	}
	b := &benchmark{dir: dir, contenders: contenders, results: map[*contender]*result{}}
	if err := b.startUp(t.Context(), 3, 1); err != nil {
		t.Fatal(err)
	}
	if err := b.sync(t.Context(), 500, 1); err != nil {
		t.Fatal(err)
	}
	if b.rows < 1000 {
		t.Errorf("500 orders with their items are %d rows", b.rows)
	}
	var table bytes.Buffer
	if err := b.table(&table); err != nil {
		t.Fatal(err)
	}
	for _, c := range contenders {
		r := b.results[c]
		if r.cpu <= 0 || r.start <= 0 || r.peak <= 1<<20 || r.installed <= 1<<20 {
			t.Errorf("%s: a measurement is missing: %+v", c.name, r)
		}
		if !strings.Contains(table.String(), "| "+c.name+" |") || !strings.Contains(b.chart(), ">"+c.name+"<") {
			t.Errorf("%s is not in the table and in the chart", c.name)
		}
	}
}

func TestAProgramThatDeliversOtherRowsIsFound(t *testing.T) {
	read := func(lines string) tables {
		t.Helper()
		dir := t.TempDir()
		if err := os.WriteFile(output(dir), []byte(lines), 0o600); err != nil {
			t.Fatal(err)
		}
		all, err := stdinTables(dir)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	const (
		first  = `{"type":"RECORD","record":{"shop":{"orders":{"id":9007199254740993,"total":"1.50","updated_at":"2026-01-02T03:04:05Z","shipping":{"a":1,"b":2}}}}}` + "\n"
		second = `{"type":"RECORD","record":{"shop":{"orders":{"id":2,"total":"3"}}}}` + "\n"
	)
	want := read(first + second)
	for name, c := range map[string]struct {
		lines string
		equal bool
	}{
		"the same":                {second + first, true},
		"another form of a time":  {strings.Replace(first, "03:04:05Z", "04:04:05+01:00", 1) + second, true},
		"another order of names":  {strings.Replace(first, `"a":1,"b":2`, `"b":2,"a":1`, 1) + second, true},
		"a row is missing":        {first, false},
		"a row is deleted":        {first + strings.Replace(second, `"RECORD",`, `"RECORD","op":"DELETE",`, 1), false},
		"a cell is missing":       {strings.Replace(first, `"total":"1.50",`, "", 1) + second, false},
		"a digit is lost":         {strings.Replace(first, "993", "992", 1) + second, false},
		"another second":          {strings.Replace(first, "05Z", "06Z", 1) + second, false},
		"a row that is not there": {first + second + strings.Replace(second, ":2", ":3", 1), false},
	} {
		if got := read(c.lines).differences(want); (len(got) == 0) != c.equal {
			t.Errorf("%s: %q", name, got)
		}
	}
}
