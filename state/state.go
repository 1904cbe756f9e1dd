package state

// A State is the state of a source during a sync. It has one part for each
// table and a shared part. It is safe for concurrent use.
//
// In a connector, the runtime passes a State to Sync. [New] and [Parse] return
// one. Other packages should not implement this interface. Methods may be added
// to it.
type State interface {
	// Table returns the part of the table with the given name. On a first sync,
	// the part is empty. The names "_shared" and "_version" are reserved. If
	// the name is one of them or is not valid UTF-8, the sync fails.
	Table(name string) *Part

	// Shared returns the shared part, which belongs to no table in particular.
	// It is only saved by a checkpoint of the whole state, not by one of named
	// tables.
	Shared() *Part

	// MarshalJSON returns the current state, including changes that no
	// checkpoint has saved yet.
	MarshalJSON() ([]byte, error)
}
