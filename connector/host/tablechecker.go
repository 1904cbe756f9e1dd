package host

import (
	"sync"
	"sync/atomic"

	"github.com/penstock-sdk/penstock/schema"
)

// A TableChecker is a [Destination] whose platform cannot hold every table that a connector
// may declare during a sync: for example, because the platform cannot add a schema while the
// sync is running.
type TableChecker interface {
	Destination

	// CheckTable returns an error if the platform cannot hold a table that the connector
	// declares during the sync, or cannot hold another declaration of a table. It is not
	// called for the tables that the connector's Schema returns, because a host knows them
	// before the sync, nor for tables that are not selected.
	//
	// The run calls CheckTable before it accepts the declaration. If CheckTable returns an
	// error, Declare returns it, and Write does not receive an [OpSchemaChange]. A table that
	// was declared before keeps its declaration. The other tables are still synced. If the
	// connector ignores the error, the operations on the table fail with the same error, as
	// the rows do that a [RowChecker] refuses, until a declaration of the table is accepted.
	//
	// The error must not be [ErrEnough].
	//
	// CheckTable is not called while Write is running. It must not modify or retain the
	// table.
	CheckTable(t *schema.Table) error
}

// refusedTables are the tables whose last declaration a TableChecker has refused. It has a
// mutex of its own, because that of the session is held while the destination blocks.
type refusedTables struct {
	any   atomic.Bool // so that a row need not look for its table
	mu    sync.Mutex
	byID  map[string]error
	names map[refusedName]string // the ID of the table that a unit means by a name
}

// A refusedName is a name of a refused table within the unit that has declared it. The unit
// is nil for the whole sync.
type refusedName struct {
	unit *unit
	name string
}

// anyUnit is the unit of a refusedName that counts if no other table has the name.
var anyUnit = new(unit)

// add records that a declaration was refused.
func (r *refusedTables) add(u *unit, id string, t *schema.Table, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.byID == nil {
		r.byID, r.names = map[string]error{}, map[refusedName]string{}
	}
	r.byID[id] = err
	for _, unit := range []*unit{u, anyUnit} {
		r.names[refusedName{unit, t.Name}] = id
		r.names[refusedName{unit, t.String()}] = id
	}
	r.any.Store(true)
}

// remove records that a declaration was accepted.
func (r *refusedTables) remove(id string) {
	if !r.any.Load() {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.byID, id)
}

// of returns the refused table that a unit means by a name, and the error of its declaration,
// which is nil if it means no such table. The argument t is the declared table with this name,
// or nil.
//
// If a connector ignores that the table archive.orders was refused, its "orders" are not
// those of another schema, although no other table has this name now.
func (r *refusedTables) of(u *unit, name string, t *table) (id string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if t != nil {
		if err := r.byID[t.id]; err != nil {
			return t.id, err
		}
	} else {
		u = anyUnit
	}
	id = r.names[refusedName{u, name}]
	return id, r.byID[id]
}

// checkDeclared returns an error if the destination refuses the declaration of a table. The
// caller holds s.mu.
func (s *session) checkDeclared(from emitter, t *schema.Table) error {
	checker, ok := s.dst.(TableChecker)
	if !ok || !s.request.Selection.WantsTable(t.Schema, t.Name) {
		return nil
	}
	id := t.Schema + idSeparator + t.Name
	if err := s.guardCheck(func() error { return checker.CheckTable(t) }, s.breakDestination); err != nil {
		s.refusedTables.add(from.unit, id, t, err)
		return err
	}
	s.refusedTables.remove(id)
	return nil
}

// target returns the table that the operation of an emitter names. If the destination has
// refused its declaration, target returns that error and reports it. The operation then
// counts as a row that was refused: no position that the connector reaches after it is saved.
func (s *session) target(from emitter, name string) (t *table, refused bool, err error) {
	t, err = s.names.Lookup(name)
	if !s.refusedTables.any.Load() {
		return t, false, err
	}
	id, refusal := s.refusedTables.of(from.unit, name, t)
	if refusal == nil {
		return t, false, err
	}
	s.hold(from, t, &refusedRow{id, refusal})
	return nil, true, refusal
}
