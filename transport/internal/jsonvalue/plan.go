package jsonvalue

import (
	"encoding/json"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// A plan holds how values of a Go type are decoded.
type plan struct {
	cells bool // the values are given as text
	shape *shape
	// strict refuses two members for one field of a struct. Which of them counts is not
	// for their order to decide, see [rewriter]. lenient accepts them.
	strict, lenient jsonv2.Options
	// rewrites reports that the last value had to be rewritten. Most sources write the
	// next one in the same way.
	rewrites atomic.Bool
	// direct is how values are read without the decoder. It is nil if they are not.
	direct  *target
	lists   int       // in direct
	readers sync.Pool // of direct
	// prunes reports that values are pruned before they are decoded, see [pruner]. If
	// keepsText is set, a method of a type may keep the text, which is then not reused.
	prunes, keepsText bool
	// pause is the number of values until the next attempt to read one directly, or to prune
	// one. It is not 0 if the last attempt did not save any time.
	pause atomic.Int32
	cost  cost
	// memory counts precisely what cost estimates. It is built for the first text that may take
	// too much memory.
	memory func() *memoryPlan
}

var (
	plans     sync.Map // reflect.Type to *plan
	cellPlans sync.Map // the same, for values that are given as text
)

// planFor returns the plan for the type that v points to.
func planFor(v any, cells bool) *plan {
	t := reflect.TypeOf(v)
	if t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	cache := &plans
	if cells {
		cache = &cellPlans
	}
	if p, ok := cache.Load(t); ok {
		return p.(*plan)
	}
	p := newPlan(t, cells)
	cache.Store(t, p)
	return p
}

func newPlan(t reflect.Type, cells bool) *plan {
	if t == nil {
		return &plan{strict: anyNames, lenient: anyNames} // the decoder reports it
	}
	p := &plan{cells: cells, shape: shapeBuilder{}.build(t), lenient: anyNames}
	p.prunes = p.shape != nil && p.shape.kind != shapeInteger && p.shape.kind != shapeMap && p.shape.prunes(map[*shape]bool{})
	p.keepsText = keepsText(t, map[reflect.Type]bool{})
	p.cost.add(t, map[reflect.Type]bool{})
	p.memory = sync.OnceValue(func() *memoryPlan { return memoryBuilder{}.build(t) })
	functions := exact
	if cells {
		functions = exactCells
		p.lenient = jsonv2.JoinOptions(p.lenient, jsonv2.StringifyNumbers(true))
	}
	if needsFunctions(t, cells, map[reflect.Type]bool{}) {
		p.lenient = jsonv2.JoinOptions(p.lenient, jsonv2.WithUnmarshalers(functions))
	}
	p.strict = p.lenient
	if p.shape != nil {
		p.strict = jsonv2.JoinOptions(p.lenient, jsontext.AllowDuplicateNames(false))
	}
	if !cells {
		p.direct, p.lists = directTarget(t)
	}
	return p
}

// keepsText reports whether a value of the type t may contain a value that a method decodes
// from JSON, other than a time. The argument known holds the types that need not be looked
// at again.
func keepsText(t reflect.Type, known map[reflect.Type]bool) bool {
	for t.Kind() == reflect.Pointer && !known[t] { // "type P *P" has no end
		known[t] = true
		t = t.Elem()
	}
	if known[t] || t == timeType {
		return false
	}
	known[t] = true
	for _, method := range []reflect.Type{jsonUnmarshalerType, jsonUnmarshalerFromType} {
		if t.Kind() != reflect.Interface && (t.Implements(method) || reflect.PointerTo(t).Implements(method)) {
			return t != rawMessageType
		}
	}
	switch t.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map:
		return keepsText(t.Elem(), known)
	case reflect.Struct:
		for sf := range t.Fields() {
			if keepsText(sf.Type, known) {
				return true
			}
		}
	}
	return false
}

var (
	timeType       = reflect.TypeFor[time.Time]()
	jsonNumberType = reflect.TypeFor[json.Number]()
	rawMessageType = reflect.TypeFor[json.RawMessage]()
)

// needsFunctions reports whether a value of the type t may contain a value that the
// functions exact or exactCells decode. known holds the types that have been examined.
func needsFunctions(t reflect.Type, cells bool, known map[reflect.Type]bool) bool {
	if known[t] {
		return false
	}
	known[t] = true
	if t == jsonNumberType || t == rawMessageType || t.Implements(jsonUnmarshalerFromType) || reflect.PointerTo(t).Implements(jsonUnmarshalerFromType) {
		return true
	}
	switch t.Kind() {
	case reflect.Interface:
		return true
	case reflect.Bool:
		return cells
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return needsFunctions(t.Elem(), cells, known)
	case reflect.Map:
		return needsFunctions(t.Key(), cells, known) || needsFunctions(t.Elem(), cells, known)
	case reflect.Struct:
		if decodesItself(t) {
			return false // its method does not have the functions
		}
		for sf := range t.Fields() {
			if needsFunctions(sf.Type, cells, known) {
				return true
			}
		}
	}
	return false
}
