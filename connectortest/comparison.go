package connectortest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// shownDifferences is the number of differences that a diff prints for each table.
const shownDifferences = 8

// A comparison compares the rows of two platforms.
type comparison struct {
	// volatile holds the columns to ignore, by table.
	volatile map[string]map[string]bool
	// overlap allows rows of tables without a primary key to arrive again: a
	// resumed sync may deliver the last ones twice.
	overlap bool
	// deletes compares the deletes, too: every row that the wanted platform was told
	// to delete must have been deleted on the other one, even if it never had the row.
	deletes bool
	// without holds the tables to ignore.
	without map[string]bool
	// dropped holds one more column to ignore for each table.
	dropped map[string]string
}

// ignored returns the ignored columns of a table.
func (c comparison) ignored(t *tableRows) map[string]bool {
	ignored := c.volatile[t.table.String()]
	if ignored == nil {
		ignored = c.volatile[t.table.Name]
	}
	if column := c.dropped[t.table.String()]; column != "" {
		ignored = maps.Clone(ignored)
		if ignored == nil {
			ignored = map[string]bool{}
		}
		ignored[column] = true
	}
	return ignored
}

// diff describes the differences as [Platform.Diff] does.
func (c comparison) diff(got, want *Platform) string {
	gotTables, wantTables := got.snapshot(), want.snapshot()
	var gotDeletes, wantDeletes map[string]*tableDeletes
	if c.deletes {
		gotDeletes, wantDeletes = deletesOf(got.operations()), deletesOf(want.operations())
	}
	var b strings.Builder
	names := maps.Clone(gotTables)
	maps.Copy(names, wantTables)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if t := names[name]; c.without[t.table.String()] || c.without[t.table.Name] {
			continue
		}
		lines := c.table(gotTables[name], wantTables[name])
		for _, key := range wantDeletes[name].missing(gotDeletes[name]) {
			if t := gotTables[name]; t == nil || t.byKey[key] == nil { // else the row is unexpected
				lines = append(lines, key+": not deleted")
			}
		}
		if len(lines) == 0 {
			continue
		}
		plural := "s"
		if len(lines) == 1 {
			plural = ""
		}
		fmt.Fprintf(&b, "table %s: %d difference%s\n", name, len(lines), plural)
		for i, line := range lines {
			if i == shownDifferences {
				fmt.Fprintf(&b, "    … and %d more\n", len(lines)-i)
				break
			}
			b.WriteString("    " + line + "\n")
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// table returns a line for each difference between two snapshots of a table.
// Either may be nil.
func (c comparison) table(got, want *tableRows) []string {
	switch {
	case got == nil:
		got = &tableRows{table: want.table, names: want.names}
	case want == nil:
		want = &tableRows{table: got.table, names: got.names}
	}
	if len(want.names) == 0 || len(got.names) == 0 {
		return c.bags(got, want)
	}
	ignored := c.ignored(want)
	var lines []string
	for _, w := range want.rows {
		g := got.byKey[w.key]
		if g == nil {
			lines = append(lines, fmt.Sprintf("%s: missing, want %s", w.key, w.columns.json(want.table)))
			continue
		}
		key, names := w.key, maps.Clone(w.columns)
		maps.Copy(names, g.columns)
		for _, name := range slices.Sorted(maps.Keys(names)) {
			if w, g := w.columns.value(name), g.columns.value(name); w != g && !ignored[name] {
				lines = append(lines, fmt.Sprintf("%s, column %s: want %s, got %s", key, name, w, g))
			}
		}
	}
	for _, g := range got.rows {
		if want.byKey[g.key] == nil {
			lines = append(lines, fmt.Sprintf("%s: unexpected, got %s", g.key, g.columns.json(got.table)))
		}
	}
	return lines
}

// bags compares tables without a primary key. Their rows are equal if all columns
// are equal.
func (c comparison) bags(got, want *tableRows) []string {
	ignored := c.ignored(want)
	count := func(t *tableRows) (map[string]int, []string) {
		counts, texts := map[string]int{}, []string(nil)
		for _, r := range t.rows {
			text := r.columns.without(ignored).text()
			if counts[text]++; counts[text] == 1 {
				texts = append(texts, text)
			}
		}
		return counts, texts
	}
	gotCounts, gotTexts := count(got)
	wantCounts, wantTexts := count(want)
	var lines []string
	for _, text := range wantTexts {
		g, w := gotCounts[text], wantCounts[text]
		if g < w || g > w && !c.overlap {
			lines = append(lines, fmt.Sprintf("row %s: want it %s, got it %s", text, times(w), times(g)))
		}
	}
	for _, text := range gotTexts {
		if wantCounts[text] == 0 {
			lines = append(lines, fmt.Sprintf("row %s: unexpected", text))
		}
	}
	return lines
}

func times(n int) string {
	switch n {
	case 0:
		return "never"
	case 1:
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
