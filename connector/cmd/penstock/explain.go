package main

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/schema"
)

// An explainer looks at rows for what authors otherwise find out in production.
// Its memory is bounded, whatever comes.
type explainer struct {
	began   time.Time
	seed    maphash.Seed
	tables  map[*warehouse.Table]*watchedTable
	current *watchedTable
}

// sampledKeys is how many keys of a table are remembered at most. Of more, a part
// that is chosen by their hash is.
const sampledKeys = 50_000

// enough is how many values tell what a column holds.
const enough = 20

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

type watchedColumn struct {
	values   int // that are not empty
	numbers  int
	dates    int
	escaped  int
	last     []byte
	lastTime time.Time
	back     int // values that are less than the one before
	ahead    int // instants in the future
	furthest time.Duration
	most     []byte
	mostTime time.Time
}

func newExplainer(began time.Time) *explainer {
	return &explainer{began: began, seed: maphash.MakeSeed(), tables: map[*warehouse.Table]*watchedTable{}}
}

// Row implements [warehouse.Observer].
func (e *explainer) Row(t *warehouse.Table, op stdin.Op) {
	if e.current != nil {
		e.current.close()
	}
	w := e.tables[t]
	if w == nil {
		w = &watchedTable{explainer: e, rows: map[uint64]uint64{}, columns: map[*warehouse.Column]*watchedColumn{}}
		w.key.SetSeed(e.seed)
		w.row.SetSeed(e.seed)
		e.tables[t] = w
	}
	w.op, w.open = op, true
	w.key.Reset()
	w.row.Reset()
	e.current = w
}

// Value implements [warehouse.Observer].
func (e *explainer) Value(_ *warehouse.Table, c *warehouse.Column, value []byte) {
	w := e.current
	into := &w.row
	if c.PrimaryKey {
		into = &w.key
	}
	_, _ = into.WriteString(c.Name) // a hash takes everything
	_, _ = into.Write(value)
	if w.op != stdin.Upsert {
		return
	}
	watched := w.columns[c]
	if watched == nil {
		watched = &watchedColumn{}
		w.columns[c] = watched
	}
	watched.look(c, value, e.began)
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

func (c *watchedColumn) look(of *warehouse.Column, value []byte, began time.Time) {
	switch of.Type {
	case schema.TypeString:
		inner := value[1 : len(value)-1]
		if value[0] != '"' || len(inner) == 0 {
			return
		}
		c.values++
		if c.values > 1000 && c.numbers+c.dates+c.escaped == 0 {
			return // it is text
		}
		switch {
		case looksLikeNumber(inner):
			c.numbers++
		case looksLikeDate(inner):
			c.dates++
		case looksEscaped(inner):
			c.escaped++
		}
	case schema.TypeShort, schema.TypeInt, schema.TypeLong:
		c.values++
		if len(c.last) > 0 && lessNumber(value, c.last) {
			c.back++
		}
		c.last = append(c.last[:0], value...)
		if len(c.most) == 0 || lessNumber(c.most, value) {
			c.most = append(c.most[:0], value...)
		}
	case schema.TypeUTCDatetime:
		if len(value) < 2 {
			return
		}
		at, err := time.Parse(time.RFC3339Nano, string(value[1:len(value)-1]))
		if err != nil {
			return
		}
		c.values++
		if at.Before(c.lastTime) {
			c.back++
		}
		c.lastTime = at
		if c.mostTime.Before(at) {
			c.mostTime = at
		}
		if ahead := at.Sub(began); ahead > 5*time.Minute {
			c.ahead++
			c.furthest = max(c.furthest, ahead)
		}
	}
}

func looksLikeNumber(text []byte) bool {
	if len(text) > 1 && text[0] == '0' && text[1] != '.' {
		return false // a code, such as a postal one
	}
	_, err := strconv.ParseFloat(string(text), 64)
	return err == nil && (text[0] == '-' || text[0] >= '0' && text[0] <= '9')
}

func looksLikeDate(text []byte) bool {
	if len(text) < len(time.DateOnly) || text[4] != '-' || text[7] != '-' {
		return false
	}
	_, err := time.Parse(time.DateOnly, string(text[:len(time.DateOnly)]))
	return err == nil && (len(text) == len(time.DateOnly) || text[10] == 'T' || text[10] == ' ')
}

// looksEscaped reports whether the inside of a JSON string is JSON itself.
func looksEscaped(inner []byte) bool {
	return bytes.HasPrefix(inner, []byte(`{\"`)) || bytes.HasPrefix(inner, []byte(`[{\"`)) ||
		bytes.HasPrefix(inner, []byte(`[\"`)) || string(inner) == "{}" || string(inner) == "[]"
}

// lessNumber compares whole numbers by their digits.
func lessNumber(a, b []byte) bool {
	x, errX := strconv.ParseInt(string(a), 10, 64)
	y, errY := strconv.ParseInt(string(b), 10, 64)
	return errX == nil && errY == nil && x < y
}

// conclude adds what was found to a summary.
func (e *explainer) conclude(s *summary) {
	if e.current != nil {
		e.current.close()
	}
	find := func(format string, args ...any) { s.Findings = append(s.Findings, fmt.Sprintf(format, args...)) }
	switch {
	case s.Checkpoints == 0:
		find("there was no checkpoint: a sync that dies begins from nothing again")
	case s.longestPause > 10*time.Minute:
		find("there were %v without a checkpoint: what came in between comes again when the sync dies; every 10 minutes at least is good", s.longestPause.Round(time.Second))
	}
	if s.StateBytes > 10<<10 && s.StateBytes > 2*s.firstState {
		find("the state grew from %s to %s: it should say where to go on, not what was read", size(int64(s.firstState)), size(int64(s.StateBytes)))
	}
	tables := make([]*warehouse.Table, 0, len(e.tables))
	for t := range e.tables {
		tables = append(tables, t)
	}
	slices.SortFunc(tables, func(a, b *warehouse.Table) int { return strings.Compare(a.Source, b.Source) })
	for _, t := range tables {
		e.tables[t].conclude(t, s.state, find)
	}
	for _, t := range s.Tables {
		if len(t.NullOnly) > 0 {
			find("%s: no value ever came in %s", t.Table, strings.Join(t.NullOnly, ", "))
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

// saysWhen reports whether a column's name says when the row was written: other
// instants may well be in the future.
func saysWhen(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"updat", "modif", "creat", "chang"}, func(word string) bool { return strings.Contains(name, word) })
}
