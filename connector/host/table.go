package host

import (
	"fmt"
	"maps"
	"slices"
	"sync/atomic"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
)

// A table is a table of a sync as it is declared at the moment.
type table struct {
	*schema.Table
	*progress
	encoder  *schema.Encoder
	selected bool
	replaced bool // by a later declaration; guarded by session.mu
}

// progress is what happened to a table so far, however it was declared.
type progress struct {
	upserts, updates, deletes, truncates atomic.Int64
	refused                              atomic.Int64
	masked                               atomic.Int64
	firstRefusal                         atomic.Pointer[string]

	// What follows is guarded by session.mu.
	began      bool
	open       bool             // it has begun, and its end has not been told
	read       bool             // to its end: that is told with the checkpoint that covers it
	failed     *connector.Error // why it has failed, if so
	failedWith string           // the table that it was synced with
	encoders   []*schema.Encoder
}

func (p *progress) rows() int64 { return p.upserts.Load() + p.updates.Load() + p.deletes.Load() }

// warnings returns what the user should know about the table's rows.
func (t *table) warnings() []string {
	var all []string
	replaced := map[string]int{}
	for _, e := range t.encoders {
		for column, rows := range e.Replaced() {
			replaced[column] += rows
		}
	}
	for _, column := range slices.Sorted(maps.Keys(replaced)) {
		all = append(all, fmt.Sprintf("table %s, column %s: bytes that are not UTF-8 were replaced by U+FFFD in %d rows",
			t, column, replaced[column]))
	}
	if n := t.masked.Load(); n > 0 {
		all = append(all, fmt.Sprintf("table %s: a secret of the configuration was masked in %d values", t, n))
	}
	return all
}

// refusedRows returns the rows of the table that were refused, or nil. A
// connector that continues after a refused row loses it, knowingly or not.
func (t *table) refusedRows() *RefusedRows {
	n := t.refused.Load()
	if n == 0 {
		return nil
	}
	return &RefusedRows{Table: t.Table, Count: n, First: *t.firstRefusal.Load()}
}
