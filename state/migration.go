package state

import (
	"encoding/json"
	"fmt"
)

// A Migration turns a state of one version into one of the next, in place: the
// map is the whole state, with a key for each table and "_shared" for the
// shared part, its values the JSON objects that are the parts.
type Migration func(old map[string]json.RawMessage) error

// migrate brings the members of a state up to date and takes the version off.
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
