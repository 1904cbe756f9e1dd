package host

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
)

// A table is the current declaration of a table of a sync.
type table struct {
	*schema.Table
	*progress
	encoder  *schema.Encoder
	selected bool
	replaced bool // a later declaration exists; guarded by session.mu

	undeclared undeclaredColumns
}

// idSeparator separates the name of the schema from that of the table in an ID.
const idSeparator = "\x00"

// progress records the operations and the result of a table across its
// declarations.
type progress struct {
	id string // of the table in the state

	upserts, updates, deletes, truncates atomic.Int64
	checking                             atomic.Int64 // the calls of CheckRow that are running
	refused                              atomic.Int64 // rows
	masked                               atomic.Int64 // values that contained a secret
	maskedKeys                           atomic.Int64 // those of the primary key
	firstRefusal                         atomic.Pointer[string]
	named                                atomic.Bool // other than in a row; see wasNamed

	// The fields below are guarded by session.mu.
	began      bool              // an OpTableBegin was delivered
	open       bool              // an OpTableEnd must follow
	read       bool              // was read to the end; the OpTableEnd waits for a checkpoint
	failed     *connector.Error  // the failure, or nil
	failedWith string            // the first table of the unit that failed
	encoders   []*schema.Encoder // one for each declaration
	zeroKeys   zeroKeys          // of the first declaration
	batched    *unit             // whose batch holds rows of the table, or nil
}

func (p *progress) rows() int64 { return p.upserts.Load() + p.updates.Load() + p.deletes.Load() }

// warnings returns warnings about rows that were altered.
func (t *table) warnings() []string {
	var all []string
	replaced, hexadecimal := map[string]int{}, map[string]int{}
	nulled, respelled := map[string]schema.Nulled{}, map[string]string{}
	for _, e := range t.encoders {
		for column, rows := range e.Replaced() {
			replaced[column] += rows
		}
		for column, rows := range e.Hexadecimal() {
			hexadecimal[column] += rows
		}
		for column, more := range e.Nulled() {
			if before := nulled[column]; before.Rows > 0 {
				more = schema.Nulled{Rows: before.Rows + more.Rows, First: before.First}
			}
			nulled[column] = more
		}
		maps.Copy(respelled, e.Respelled())
	}
	for _, column := range slices.Sorted(maps.Keys(replaced)) {
		all = append(all, fmt.Sprintf("table %s, column %s: bytes that are not UTF-8 were replaced by U+FFFD in %s",
			t, column, counted(replaced[column], "row")))
	}
	for _, column := range slices.Sorted(maps.Keys(nulled)) {
		first := strings.TrimPrefix(nulled[column].First.Error(), fmt.Sprintf("table %s, column %s: ", t, column))
		all = append(all, fmt.Sprintf("table %s, column %s: values that the column cannot hold were delivered as null in %s, the first: %s",
			t, column, counted(nulled[column].Rows, "row"), first))
	}
	for _, column := range slices.Sorted(maps.Keys(hexadecimal)) {
		all = append(all, fmt.Sprintf("table %s, column %s: the text of %s consists of hexadecimal digits only and was taken for base64: if it is hexadecimal, the connector must decode it with hex.DecodeString and emit the []byte",
			t, column, counted(hexadecimal[column], "row")))
	}
	if len(respelled) > 0 {
		column := slices.Min(slices.Collect(maps.Keys(respelled)))
		all = append(all, fmt.Sprintf("table %s: some rows have the undeclared column %.100q and others %.100q, which are one column at a destination that ignores case: use one spelling (columns with several spellings: %d)",
			t, respelled[column], column, len(respelled)))
	}
	if w := t.zeroKeys.warning(t.Table, t.upserts.Load()); w != "" {
		all = append(all, w)
	}
	if n := t.masked.Load(); n > 0 {
		all = append(all, fmt.Sprintf("table %s: a secret of the configuration was masked in %s", t, counted(n, "value")))
	}
	if n := t.maskedKeys.Load(); n > 0 {
		these := fmt.Sprintf("%d of these values belong", n)
		switch {
		case t.masked.Load() == 1:
			these = "this value belongs"
		case n == 1:
			these = "1 of these values belongs"
		}
		all = append(all, fmt.Sprintf("table %s: %s to the primary key, so different rows may have the same key and replace each other: "+
			"if they equal the secret by chance, replace the secret by one that no row contains; otherwise, the connector must use another key", t, these))
	}
	return all
}

// counted formats a number with a noun.
func counted[N int | int64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// refuse counts a refused row and returns its error.
func (p *progress) refuse(err error) error {
	why := err.Error()
	p.firstRefusal.CompareAndSwap(nil, &why) // before the row counts
	p.refused.Add(1)
	return err
}

// refusedRows returns the rows of the table that were refused, or nil. If the
// connector continues after a refused row, that row is missing.
func (t *table) refusedRows() *RefusedRows {
	n := t.refused.Load()
	if n == 0 {
		return nil
	}
	return &RefusedRows{Table: t.Table, Count: n, First: *t.firstRefusal.Load()}
}
