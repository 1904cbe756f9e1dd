package state

import (
	"encoding/json"
	"fmt"
)

// A Migration converts a state of one version to the next version in place. The
// map is the whole state without the version. It has an entry for each table
// and the entry "_shared" for the shared part. The values are the parts, which
// are JSON objects.
//
// If it returns an error, [Parse] and [Join] fail with an error that wraps it.
type Migration func(old map[string]json.RawMessage) error

// migrate applies the migrations that are newer than the state. It removes the
// version from the members.
func migrate(top map[string]json.RawMessage, migrations []Migration) (map[string]json.RawMessage, error) {
	version, err := takeVersion(top)
	if err != nil {
		return nil, err
	}
	if version > len(migrations) {
		return nil, newerError(version, len(migrations))
	}
	if len(top) == 0 {
		return top, nil
	}
	for ; version < len(migrations); version++ {
		if err := migrations[version](top); err != nil {
			return nil, fmt.Errorf("state: migration from version %d: %w", version, err)
		}
	}
	delete(top, versionKey)
	return top, nil
}
