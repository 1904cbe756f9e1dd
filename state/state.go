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

	// Missed returns the selected tables that the position in the shared part
	// does not cover: rows of these tables may be missing on the platform,
	// because the table was not selected, had failed, did not exist or was reset
	// when the position moved. On a first sync, these are all selected tables.
	//
	// Missed is for sources in which several tables share one position, such as
	// that of a replication log. A connector calls it before it reads the log,
	// delivers all rows of these tables, and calls Cover for each. If a connector
	// stores a position in the shared part and does not call Missed, the runtime
	// warns the user about tables that may lack rows.
	Missed() []string

	// Cover records that all rows of a table that Missed has returned were
	// delivered. It is saved with the next checkpoint of the whole state. If the
	// source has no table of that name, the sync fails.
	Cover(table string)

	// MarshalJSON returns the current state, including changes that no
	// checkpoint has saved yet.
	MarshalJSON() ([]byte, error)
}
