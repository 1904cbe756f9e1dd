package main

import (
	"fmt"
	"hash/maphash"
	"time"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
	"github.com/penstock-sdk/penstock/connector/stdin"
)

// sampledKeys is how many keys of a table are remembered at most. Of more, a part
// that is chosen by their hash is.
const sampledKeys = 50_000

type watchedTable struct {
	explainer *explainer
	op        stdin.Op
	key, row  maphash.Hash
	rows      map[uint64]uint64 // hash of the row by that of its key
	shift     uint              // keys whose hash ends in so many zeros are remembered
	repeated  int
	columns   map[*warehouse.Column]*watchedColumn
	open      bool // a row is being looked at
}

// close looks at a row as a whole.
func (w *watchedTable) close() {
	if !w.open {
		return
	}
	w.open = false
	key, row := w.key.Sum64(), w.row.Sum64()
	if key&(1<<w.shift-1) != 0 {
		return
	}
	if w.op != stdin.Upsert {
		delete(w.rows, key) // what comes after is another row
		return
	}
	if old, ok := w.rows[key]; ok && old != row {
		w.repeated++
	}
	w.rows[key] = row
	for len(w.rows) > sampledKeys {
		w.shift++
		for key := range w.rows {
			if key&(1<<w.shift-1) != 0 {
				delete(w.rows, key)
			}
		}
	}
}

func (w *watchedTable) conclude(t *warehouse.Table, state []byte, find func(string, ...any)) {
	if w.repeated > 0 {
		of := ""
		if w.shift > 0 {
			of = fmt.Sprintf(" among a sample of 1 in %d", 1<<w.shift)
		}
		find("%s: %s%s a primary key came again with another row: the last one is kept; is a column of the key missing?", t.Source, plural(w.repeated, "time"), of)
	}
	cursor := cursorOf(state, t)
	at, isTime := time.Parse(time.RFC3339Nano, cursor)
	for _, c := range t.Columns {
		watched := w.columns[c]
		if watched == nil {
			continue
		}
		name := t.Source + "." + c.Source
		all := watched.values >= enough
		switch {
		case all && watched.numbers == watched.values:
			find("%s is a STRING, and all its %d values look like numbers: DECIMAL or LONG can be summed up", name, watched.values)
		case all && watched.dates == watched.values:
			find("%s is a STRING, and all its %d values look like dates: UTC_DATETIME or NAIVE_DATE can be compared", name, watched.values)
		case watched.escaped > 0 && watched.escaped*2 >= watched.values:
			find("%s is a STRING, and %d of its %d values hold JSON with escaped quotes: the type JSON takes it as it is", name, watched.escaped, watched.values)
		}
		isCursor := cursor != "" && (string(watched.most) == cursor || isTime == nil && watched.mostTime.Equal(at))
		if isCursor && watched.back > 0 {
			find("%s seems to be the cursor, and %s had less than the one before: a checkpoint in between would lose rows", name, plural(watched.back, "row"))
		}
		if watched.ahead > 0 && (isCursor || saysWhen(c.Source)) {
			find("%s: %s in the future, by up to %v: does the source's clock go ahead? A cursor would leave out what comes until then", name, plural(watched.ahead, "value"), watched.furthest.Round(time.Second))
		}
	}
}
