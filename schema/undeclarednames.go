package schema

import (
	"fmt"
	"maps"
	"sync"
	"sync/atomic"
)

// keptNameBytes limits the memory for the names of undeclared columns.
const keptNameBytes = 1 << 20

// An undeclaredNames knows the names of the undeclared columns that rows had. It
// is bounded, because the source determines the names: it knows the first
// keptColumns of them, up to keptNameBytes of text.
type undeclaredNames struct {
	mu       sync.Mutex
	declared map[string]string     // the names of the table's columns, by foldName
	known    map[string]*knownName // by foldName
	bytes    int                   // of the names in known and variants
	variants map[string]string     // other spellings, with the first one
}

// A knownName is the first spelling of an undeclared column.
type knownName struct {
	name      string
	respelled atomic.Bool // rows also had another spelling
}

func newUndeclaredNames(columns []Column) *undeclaredNames {
	n := &undeclaredNames{declared: make(map[string]string, len(columns)), known: map[string]*knownName{}}
	for _, c := range columns {
		n.declared[foldName(c.Name)] = c.Name
	}
	return n
}

// check returns why no row may have an undeclared column of the given name, or
// "". It also returns the column's first spelling, or nil if there are too many
// names to remember it.
func (n *undeclaredNames) check(name string) (known *knownName, problem string) {
	if why := nameProblem(name); why != "" {
		return nil, "the name of the column " + why
	}
	folded := foldName(name)
	if declared, twin := n.declared[folded]; twin {
		return nil, fmt.Sprintf("the table declares the column %q, which is the same column at a destination that ignores case: emit the value under that name", declared)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	known = n.known[folded]
	switch {
	case known == nil:
		// The limits are the same for every spelling. So either all spellings of
		// a column are known, or none.
		if len(n.known) >= keptColumns || n.bytes+len(folded) > keptNameBytes {
			return nil, ""
		}
		known = &knownName{name: name}
		n.known[folded] = known
		n.bytes += len(folded)
	case known.name != name:
		known.respelled.Store(true)
		if n.variants == nil {
			n.variants = map[string]string{}
		}
		if _, counted := n.variants[name]; !counted && len(n.variants) < keptColumns && n.bytes+len(name) <= keptNameBytes {
			n.variants[name] = known.name
			n.bytes += len(name)
		}
	}
	return known, ""
}

func (n *undeclaredNames) respelled() map[string]string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return maps.Clone(n.variants)
}
