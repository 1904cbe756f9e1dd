package warehouse

import (
	"hash/maphash"

	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/schema"
)

// The maximum number of keys of a table that are remembered, without and with an observer.
// If a table has more, a sample is remembered, chosen by the hashes of the keys. Without an
// observer, the sync should take no longer because of it.
const (
	sampledKeys  = 10_000
	observedKeys = 50_000
)

// Repeats finds rows that replace a different row that the same sync has upserted. Its
// memory is bounded, and rows outside the sample cost only the hash of their key.
type Repeats struct {
	// Written is the number of upserts, without those of a row that is there already.
	Written int64
	// Replaced is the number of those that replaced a row of the same sync.
	Replaced int64

	rows  map[uint64]uint64 // from the hash of a key to the hash of its row
	shift uint              // only keys whose hash ends in shift zero bits are remembered
}

// Estimated reports whether the numbers were estimated from a sample.
func (r *Repeats) Estimated() bool { return r.shift > 0 }

// hashSeed makes the hashes of equal values equal.
var hashSeed = maphash.MakeSeed()

// repeated examines the record that was applied last.
func (t *Table) repeated(op stdin.Op) {
	r := &t.Repeats
	switch {
	case !t.keyed: // equal rows replace each other there
	case op == stdin.Truncate:
		clear(r.rows) // the same keys may follow with other rows
	default:
		key := t.hash(true)
		if key&(1<<r.shift-1) != 0 {
			return
		}
		if op != stdin.Upsert {
			delete(r.rows, key) // a later upsert may rightly differ
			return
		}
		most := sampledKeys
		if t.warehouse.observer != nil {
			most = observedKeys
		}
		r.upserted(key, t.hash(false), most)
	}
}

// hash returns a hash of the primary key of the row that was read last, or of its other
// values. It does not depend on the order of the columns.
func (t *Table) hash(key bool) (sum uint64) {
	for i := range t.cells {
		c := &t.cells[i]
		if c.Column < 0 || c.Kind == schema.CellNull || t.Columns[c.Column].PrimaryKey != key {
			continue
		}
		// The factor tells equal values of different columns apart.
		sum += maphash.Bytes(hashSeed, c.Raw) * (2*uint64(c.Column) + 1)
	}
	return sum
}

// upserted examines an upsert whose key is in the sample. It remembers at most the given
// number of keys.
func (r *Repeats) upserted(key, row uint64, most int) {
	if r.rows == nil {
		r.rows = map[uint64]uint64{}
	}
	old, again := r.rows[key]
	if again && old == row {
		return
	}
	r.rows[key] = row
	r.Written += 1 << r.shift
	if again {
		r.Replaced += 1 << r.shift
	}
	for len(r.rows) > most {
		r.shift++
		for key := range r.rows {
			if key&(1<<r.shift-1) != 0 {
				delete(r.rows, key)
			}
		}
	}
}
