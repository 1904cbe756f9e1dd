package connectortest

import (
	"fmt"
	"maps"
	"slices"
)

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
	// only is the name of the only table to compare, with its schema. If it is empty,
	// all tables are compared.
	only string
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
	return describeDifferences(c.differences(got, want))
}

// differences returns the differences of each table that has any, sorted by name.
func (c comparison) differences(got, want *Platform) (all []*tableDifferences) {
	gotTables, wantTables := got.snapshot(), want.snapshot()
	var gotDeletes, wantDeletes map[string]*tableDeletes
	if c.deletes {
		gotDeletes, wantDeletes = deletesOf(got.operations()), deletesOf(want.operations())
	}
	names := maps.Clone(gotTables)
	maps.Copy(names, wantTables)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if c.ignoresTable(names[name]) {
			continue
		}
		d := &tableDifferences{name: name}
		c.table(d, gotTables[name], wantTables[name])
		for _, key := range wantDeletes[name].missing(gotDeletes[name]) {
			if t := gotTables[name]; t == nil || t.byKey[key] == nil { // else the row is unexpected
				d.add(rowNotDeleted, key+": not deleted")
			}
		}
		if len(d.all) > 0 {
			all = append(all, d)
		}
	}
	return all
}

// ignoresTable reports whether a table is not compared.
func (c comparison) ignoresTable(t *tableRows) bool {
	full := t.table.String()
	return c.without[full] || c.without[t.table.Name] || c.only != "" && c.only != full
}

// table adds the differences between two snapshots of a table. Either may be nil.
func (c comparison) table(d *tableDifferences, got, want *tableRows) {
	switch {
	case got == nil:
		got = &tableRows{table: want.table, names: want.names}
	case want == nil:
		want = &tableRows{table: got.table, names: got.names}
	}
	if len(want.names) == 0 || len(got.names) == 0 {
		d.keyless = true
		c.bags(d, got, want)
		return
	}
	d.wanted = len(want.rows)
	ignored := c.ignored(want)
	for i, w := range want.rows {
		g := got.byKey[w.key]
		if g == nil {
			d.addMissing(i, fmt.Sprintf("%s: missing, want %s", w.key, w.columns.json(want.table)))
			continue
		}
		key, names := w.key, maps.Clone(w.columns)
		maps.Copy(names, g.columns)
		for _, name := range slices.Sorted(maps.Keys(names)) {
			if w, g := w.columns.value(name), g.columns.value(name); w != g && !ignored[name] {
				d.add(valueDiffers, fmt.Sprintf("%s, column %s: want %s, got %s", key, name, w, g))
			}
		}
	}
	for _, g := range got.rows {
		if want.byKey[g.key] == nil {
			d.add(rowUnexpected, fmt.Sprintf("%s: unexpected, got %s", g.key, g.columns.json(got.table)))
		}
	}
}

// bags compares tables without a primary key. Their rows are equal if all columns
// are equal.
func (c comparison) bags(d *tableDifferences, got, want *tableRows) {
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
	d.wanted = len(wantTexts)
	for i, text := range wantTexts {
		g, w := gotCounts[text], wantCounts[text]
		difference := fmt.Sprintf("row %s: want it %s, got it %s", text, times(w), times(g))
		switch {
		case g < w:
			d.addMissing(i, difference)
		case g > w && !c.overlap:
			d.add(rowUnexpected, difference)
		}
	}
	for _, text := range gotTexts {
		if wantCounts[text] == 0 {
			d.add(rowUnexpected, fmt.Sprintf("row %s: unexpected", text))
		}
	}
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
