package state

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

// A Migration converts a state of one version to the next version in place. The
// map is the whole state without the version. It has an entry for each table
// and the entry "_shared" for the shared part. The values are the parts, which
// are JSON objects.
//
// A part can have copies of the position of another table, under keys that begin with an
// underscore (see the package documentation). A migration need not convert them: they
// are removed afterwards, because they may still have the old form. A table that was
// behind the other one is then read from the beginning.
//
// If it returns an error, [Parse] and [Join] fail with an error that wraps it. They
// also fail if it leaves a part that is not valid JSON, or a value that
// [Part.Set] would reject because it is nested too deep.
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
		if err := apply(migrations[version], top, version); err != nil {
			return nil, err
		}
	}
	return top, nil
}

// apply applies the migration from a version.
func apply(m Migration, top map[string]json.RawMessage, version int) error {
	if err := m(top); err != nil {
		return fmt.Errorf("state: migration from version %d: %w", version, err)
	}
	delete(top, versionKey)
	for name, raw := range top {
		if !jsontext.Value(raw).IsValid() {
			return fmt.Errorf("state: migration from version %d: table %s: it is not valid JSON", version, name)
		}
		if depth(raw) > maxDepth+1 {
			return fmt.Errorf("state: migration from version %d: table %s: a value is nested more than %d deep, which many platforms cannot read", version, name, maxDepth)
		}
		top[name] = withoutCopies(raw)
	}
	return nil
}

// withoutCopies returns a part without copies of positions.
func withoutCopies(part json.RawMessage) json.RawMessage {
	if !bytes.Contains(part, []byte(followsKey)) && !bytes.Contains(part, []byte(followersKey)) {
		return part
	}
	members, err := readObject(part)
	if err != nil {
		return part // Parse returns the error
	}
	var follows coverage
	if raw, ok := members[followsKey]; ok && json.Unmarshal(raw, &follows) == nil && (follows.Position != nil || follows.Passed != nil) {
		follows.Position, follows.Parted = nil, nil
		if follows.Passed != nil {
			follows.Passed.withoutCopies()
		}
		members[followsKey], _ = json.Marshal(follows)
	}
	var followed carriage
	if raw, ok := members[followersKey]; ok && json.Unmarshal(raw, &followed) == nil && followed.Passed != nil {
		followed.Passed.withoutCopies()
		members[followersKey], _ = json.Marshal(followed)
	}
	return objectOf(members)
}
