package schema

import (
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"sync/atomic"
)

// Names maps the names of tables to values of type V, one value for each table.
// A table has two names: its own name, such as "orders", and its qualified
// name, such as "shop.orders". Tables can be added at any time.
//
// If two tables have the same name, a lookup of that name fails, so a row for
// one table can never reach the other. This happens if two schemas have tables
// with the same own name, or if the qualified name of one table is the own name
// of another. For example, the table orders of the schema hr and the table
// hr.orders of the schema public both have the name "hr.orders".
//
// The zero Names is empty and ready to use. Names is safe for concurrent use.
// It must not be copied after first use. Add, Lookup and Get take constant time
// on average, regardless of the number of tables.
type Names[V any] struct {
	mu      sync.RWMutex
	entries []nameEntry[V]
	byTable map[tableKey]int // index in entries
	byName  map[string]int   // index in entries, or shared
	sharers map[string][]int // indexes in entries for each shared name
	schemas int              // number of distinct schema names: 0, 1, or 2 for more

	// settled maps each name of exactly one table to its value. It is read
	// without the lock. Building it is worthwhile once the number of lookups
	// since the last Add has reached the number of tables. An Add resets it to
	// nil.
	settled atomic.Pointer[map[string]V]
	lookups atomic.Int64
}

// A nameEntry is a table and its value.
type nameEntry[V any] struct {
	table *Table
	value V
}

// A tableKey identifies a table at a destination that ignores case.
type tableKey struct{ schema, table string }

func keyOf(schema, table string) tableKey {
	return tableKey{foldName(schema), foldName(table)}
}

// shared takes the place of an index in byName if several tables have the name.
const shared = -1

// Add adds a table and its value. If a table with the same schema and name was
// added before, Add replaces it and its value without changing the order of the
// tables. Add retains t, and the caller must not modify t afterwards.
//
// Add returns an error and adds nothing if the schema and name of the table
// differ from those of an added table only in case.
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
			return fmt.Errorf("schema: tables %q and %q are the same table at a destination that ignores case", e.table, t)
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

// claim gives a name to the table at index i. If another table already has the
// name, it becomes ambiguous.
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

// Lookup returns the value of the table with the given own or qualified name.
// If no table has the name, or if several do, it returns a [*NameError].
func (n *Names[V]) Lookup(name string) (V, error) {
	if settled := n.settled.Load(); settled != nil {
		if value, ok := (*settled)[name]; ok {
			return value, nil
		}
	}
	return n.lookupSlowly(name)
}

// lookupSlowly implements Lookup under the lock.
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

// settle builds the map that Lookup reads without the lock.
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

// Get returns the value of the table with the given schema and own name. It
// also finds tables whose names are ambiguous. It returns false if there is no
// such table.
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

// All returns an iterator over the tables and their values, in the order in
// which the tables were first added. The iteration includes tables that are
// added while it runs. The loop body may call any method of n.
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

// Schema returns the name of the schema that all tables belong to. A further
// table that does not name a schema belongs to it. Schema returns an error if
// there is no table yet, or if the tables belong to several schemas.
func (n *Names[V]) Schema() (string, error) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	switch n.schemas {
	case 0:
		return "", errors.New("schema: no table has been declared yet, so the schema of the new table is unknown: set its Schema")
	case 1:
		return n.entries[0].table.Schema, nil
	}
	return "", errors.New("schema: the source has several schemas, so the schema of the new table is unknown: set its Schema")
}

// listed is the maximum number of tables that an error lists.
const listed = 10

// nameError returns the error for a name that does not identify a table. The
// caller must hold n.mu.
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
		e.text += fmt.Sprintf("; the name is ambiguous between %s: rename one of them in the schema", strings.Join(candidates, " and "))
	case qualified:
		e.text += fmt.Sprintf("; the name is ambiguous: use the qualified name, %s", strings.Join(names, " or "))
	default:
		e.text += fmt.Sprintf("; the name is ambiguous between %s: use the name %s", strings.Join(candidates, " and "), strings.Join(names, " or "))
	}
	return e
}

// uniqueName returns the shortest name that only the table at index i has. If
// there is no such name, it returns the qualified name and false. The caller
// must hold n.mu.
func (n *Names[V]) uniqueName(i int) (name string, ok bool) {
	t := n.entries[i].table
	if n.byName[t.Name] == i {
		return t.Name, true
	}
	name = t.String()
	return name, n.byName[name] == i
}
