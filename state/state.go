package state

// A State is what earlier syncs left behind and what the one at hand adds to
// it: one part per table and a part that is shared. It is safe for concurrent
// use.
//
// The interface is for passing a state on, not for implementing it elsewhere:
// it may gain methods. [New] and [Parse] make one.
type State interface {
	// Table returns the part of the named table, empty on a first sync.
	Table(name string) *Part

	// Shared returns the part that belongs to no table in particular. A
	// checkpoint of one table leaves it out: it is saved with the whole state.
	Shared() *Part

	// MarshalJSON returns the state as it stands, saved or not.
	MarshalJSON() ([]byte, error)
}
