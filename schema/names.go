package schema

import (
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"sync/atomic"
)

// Names finds tables by the names that authors call them, and keeps a value of
// type V for each table. A table has two names: its own, such as "orders", and
// its qualified one, such as "shop.orders". Tables can be added at any time.
//
// A name that two tables have means neither of them, from the moment the second
// one is added: nothing that was meant for one table ever reaches another. That
// is the case where two schemas have a table of the same name, and where the
// qualified name of one table is the own name of another: the tables orders of
// schema hr and hr.orders of schema public both have the name "hr.orders".
//
// The zero value is empty and ready to use. Names is safe for concurrent use.
// Add, Lookup and Get take constant time on average, however many tables there
// are.
type Names[V any] struct {
	mu      sync.RWMutex
	entries []nameEntry[V]
	byTable map[tableKey]int // the position in entries
	byName  map[string]int   // the position in entries, or shared
	sharers map[string][]int // the positions behind each name that is shared
	schemas int              // how many schema names there are, 2 meaning more than one

	// settled has the value of every name that means one table, from when as many
	// names were looked up since the last Add as there are tables: then it is
	// worth the copy. It is read without the lock, and nil after an Add.
	settled atomic.Pointer[map[string]V]
	lookups atomic.Int64
}

type nameEntry[V any] struct {
	table *Table
	value V
}

// A tableKey identifies a table at a destination that folds case.
type tableKey struct{ schema, table string }

func keyOf(schema, table string) tableKey {
	return tableKey{strings.ToLower(schema), strings.ToLower(table)}
}

// shared is the position of a name that several tables have.
const shared = -1

// Add adds a table and its value. If a table of the same schema and name was
// added before, both it and its value are replaced, in its place. Add keeps t:
// the caller must not change it afterwards.
//
// It returns an error, and adds nothing, if the table differs from one that was
// added before in nothing but upper and lower case.
func (n *Names[V]) Add(t *Table, value V) error {
	qualified := t.String()
	key := keyOf(t.Schema, t.Name)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.settled.Store(nil)
	n.lookups.Store(0)
	if i, known := n.byTable[key]; known {
		e := &n.entries[i]
		if e.table.Schema != t.Schema || e.table.Name != t.Name {
			return fmt.Errorf("schema: tables %q and %q are one to a destination that folds case", e.table, t)
		}
		e.table, e.value = t, value
		return nil
	}
	if n.byTable == nil {
		n.byTable, n.byName = map[tableKey]int{}, map[string]int{}
	}
	if n.schemas == 0 || n.schemas == 1 && n.entries[0].table.Schema != t.Schema {
		n.schemas++
	}
	i := len(n.entries)
	n.entries = append(n.entries, nameEntry[V]{t, value})
	n.byTable[key] = i
	n.claim(t.Name, i)
	if qualified != t.Name {
		n.claim(qualified, i)
	}
	return nil
}

// claim makes a name lead to the table at a position, or to none if another
// table has it already.
func (n *Names[V]) claim(name string, i int) {
	other, taken := n.byName[name]
	switch {
	case !taken:
		n.byName[name] = i
	case other == shared:
		n.sharers[name] = append(n.sharers[name], i)
	default:
		if n.sharers == nil {
			n.sharers = map[string][]int{}
		}
		n.byName[name] = shared
		n.sharers[name] = []int{other, i}
	}
}

// Lookup returns the value of the table that a name means. The error is a
// [*NameError] if no table has the name, or if several have it.
func (n *Names[V]) Lookup(name string) (V, error) {
	if settled := n.settled.Load(); settled != nil {
		if value, ok := (*settled)[name]; ok {
			return value, nil
		}
	}
	return n.lookupSlowly(name)
}

func (n *Names[V]) lookupSlowly(name string) (V, error) {
	n.mu.RLock()
	i, ok := n.byName[name]
	if !ok || i == shared {
		defer n.mu.RUnlock()
		var none V
		return none, n.nameError(name)
	}
	value, tables := n.entries[i].value, len(n.entries)
	n.mu.RUnlock()
	if n.lookups.Add(1) >= int64(tables) {
		n.settle()
	}
	return value, nil
}

// settle makes the names readable without the lock, until the next Add.
func (n *Names[V]) settle() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.settled.Load() != nil || n.lookups.Load() < int64(len(n.entries)) {
		return
	}
	settled := make(map[string]V, len(n.byName))
	for name, i := range n.byName {
		if i != shared {
			settled[name] = n.entries[i].value
		}
	}
	n.settled.Store(&settled)
}

// Get returns the value of the table of the given schema and name, which need
// no resolving: it finds tables that share their names with others, too.
func (n *Names[V]) Get(schema, table string) (V, bool) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	if i, ok := n.byTable[keyOf(schema, table)]; ok {
		if e := &n.entries[i]; e.table.Schema == schema && e.table.Name == table {
			return e.value, true
		}
	}
	var none V
	return none, false
}

// Len returns the number of tables.
func (n *Names[V]) Len() int {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return len(n.entries)
}

// All returns the tables and their values, in the order in which the tables were
// first added. Tables that are added during the iteration are part of it. The
// loop may call any method.
func (n *Names[V]) All() iter.Seq2[*Table, V] {
	return func(yield func(*Table, V) bool) {
		for i := 0; ; i++ {
			n.mu.RLock()
			if i >= len(n.entries) {
				n.mu.RUnlock()
				return
			}
			e := n.entries[i]
			n.mu.RUnlock()
			if !yield(e.table, e.value) {
				return
			}
		}
	}
}

// Schema returns the name of the schema that all tables belong to, for a further
// table that comes without one. It returns an error if there is no table yet, or
// if the tables belong to several schemas.
func (n *Names[V]) Schema() (string, error) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	switch n.schemas {
	case 0:
		return "", errors.New("schema: there is no table yet whose schema the new one could belong to: set the Schema of the new table")
	case 1:
		return n.entries[0].table.Schema, nil
	}
	return "", errors.New("schema: the source has several schemas: set the Schema of the new table")
}

// listed is how many tables an error names.
const listed = 10

// nameError returns the error for a name that leads to no table, with n.mu held.
func (n *Names[V]) nameError(name string) error {
	e := &NameError{Name: name, text: fmt.Sprintf("table %q is not in the schema, which has no tables", name)}
	if len(n.entries) == 0 {
		return e
	}
	var known []string
	for i := range n.entries[:min(len(n.entries), listed)] {
		unique, _ := n.uniqueName(i)
		known = append(known, unique)
	}
	if len(n.entries) > listed {
		known = append(known, "…")
	}
	e.text = fmt.Sprintf("table %q is not in the schema, which has %s", name, strings.Join(known, ", "))
	sharers := n.sharers[name]
	if e.Ambiguous = len(sharers) > 0; !e.Ambiguous {
		return e
	}
	var candidates, names []string
	named, qualified := true, true
	for _, i := range sharers[:min(len(sharers), listed)] {
		t := n.entries[i].table
		unique, ok := n.uniqueName(i)
		named, qualified = named && ok, qualified && unique == t.String()
		names = append(names, unique)
		candidates = append(candidates, fmt.Sprintf("table %q of schema %q", t.Name, t.Schema))
	}
	if len(sharers) > listed {
		names, candidates = append(names, "…"), append(candidates, "…")
	}
	switch {
	case !named:
		e.text += fmt.Sprintf("; the name is ambiguous, it could mean %s: rename one of them in the schema", strings.Join(candidates, " or "))
	case qualified:
		e.text += fmt.Sprintf("; the name is ambiguous: use the qualified name, %s", strings.Join(names, " or "))
	default:
		e.text += fmt.Sprintf("; the name is ambiguous, it could mean %s: use the names %s", strings.Join(candidates, " or "), strings.Join(names, " and "))
	}
	return e
}

// uniqueName returns the shorter of a table's names that only it has, with n.mu
// held. If it has none, that is its qualified name, and ok is false.
func (n *Names[V]) uniqueName(i int) (name string, ok bool) {
	t := n.entries[i].table
	if n.byName[t.Name] == i {
		return t.Name, true
	}
	name = t.String()
	return name, n.byName[name] == i
}
