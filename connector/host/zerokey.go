package host

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"strings"

	"github.com/penstock-sdk/penstock/schema"
)

// zeroKeys notices a table whose rows all have a primary key of zeros and empty texts,
// which is what a struct has whose json tag is misspelled. These rows replace each other
// at the destination.
type zeroKeys struct {
	prefix  []byte // of a row with such a key; nil if the key is not noticed
	key     string // the key, for people
	rows    int64
	first   uint64 // the hash of the first of them
	differs bool   // another one of them has other values
}

var zeroKeySeed = maphash.MakeSeed()

// newZeroKeys returns the zeroKeys of a table. They notice a key of integers and texts
// that the table declares before its other columns, since rows have the same order.
func newZeroKeys(t *schema.Table) zeroKeys {
	keys := t.PrimaryKey()
	var prefix []byte
	var text []string
	for i, name := range keys {
		column := t.Columns[i]
		if column.Name != name {
			return zeroKeys{}
		}
		zero := "0"
		switch column.Type {
		case schema.TypeShort, schema.TypeInt, schema.TypeLong:
		case schema.TypeString:
			zero = `""`
		default:
			return zeroKeys{}
		}
		quoted, err := json.Marshal(name)
		if err != nil {
			return zeroKeys{}
		}
		prefix = append(prefix, ',')
		prefix = append(append(append(prefix, quoted...), ':'), zero...)
		text = append(text, name+"="+zero)
	}
	if len(keys) == 0 {
		return zeroKeys{}
	}
	prefix[0] = '{'
	return zeroKeys{prefix: prefix, key: strings.Join(text, ", ")}
}

// add counts a row.
func (z *zeroKeys) add(row []byte) {
	if z.prefix == nil || !bytes.HasPrefix(row, z.prefix) || len(row) == len(z.prefix) || row[len(z.prefix)] != ',' && row[len(z.prefix)] != '}' {
		return
	}
	if z.rows++; z.differs {
		return
	}
	hash := maphash.Bytes(zeroKeySeed, row)
	if z.rows == 1 {
		z.first = hash
	}
	z.differs = hash != z.first
}

// warning returns a warning about a table with a number of upserts, or "".
func (z *zeroKeys) warning(t *schema.Table, upserts int64) string {
	if !z.differs || z.rows != upserts {
		return ""
	}
	return fmt.Sprintf("table %s: all %d rows have the primary key %s, so they replace each other at the destination: "+
		"compare the json tag of the primary key with the records of the source", t, z.rows, z.key)
}
