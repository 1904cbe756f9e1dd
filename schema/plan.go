package schema

import (
	"reflect"
	"sync"
)

// A plan is how rows of one struct type are written to one table.
type plan struct {
	typ    reflect.Type
	fields []planField // of a Full or Partial row
	keys   []planField // of the primary key
	err    error       // why no row of the type fits
	copies sync.Pool   // of *reflect.Value: room for rows that have no address
}

type planField struct {
	name      string
	quoted    string // the name as JSON, with the colon
	typ       Type
	index     []int
	write     writeFunc
	key       bool
	omitEmpty bool
	omitZero  bool
}

// fieldByIndex is reflect's FieldByIndex, but that a nil embedded pointer on
// the way gives no field.
func fieldByIndex(v reflect.Value, index []int) (reflect.Value, bool) {
	if len(index) == 1 {
		return v.Field(index[0]), true
	}
	for i, x := range index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return reflect.Value{}, false
			}
			v = v.Elem()
		}
		v = v.Field(x)
	}
	return v, true
}
