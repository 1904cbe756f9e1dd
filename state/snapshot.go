package state

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// SharedName is the name under which the shared part stands beside those of
// the tables.
const SharedName = sharedKey

// A Snapshot is a state as its checkpoints left it, as a whole and in parts. It
// is for runtimes that hand states to a platform.
type Snapshot struct {
	// State is the JSON object to hand to the next sync, on one line: what
	// [Document.Saved] returns.
	State []byte
	// Parts are the parts that hold something, sorted by name. Their JSON is
	// a piece of State.
	Parts []SavedPart
	// Version is the version of the state's shape.
	Version int
}

// A SavedPart is the part of a state that belongs to one table, or the shared
// one, for platforms that keep states table by table.
type SavedPart struct {
	// Name is the table's name, or [SharedName].
	Name string
	// JSON is the part: a JSON object on one line.
	JSON []byte
	// Version is the version of the state that it is a part of.
	Version int
}

// Snapshot returns the state as its checkpoints left it.
func (d *Document) Snapshot() *Snapshot {
	type span struct {
		name     string
		from, to int
	}
	var spans []span
	s := &Snapshot{Version: d.version}
	s.State = d.append(func(e *entry) *value { return &e.saved }, func(name string, from, to int) {
		spans = append(spans, span{name, from, to})
	})
	s.Parts = make([]SavedPart, len(spans))
	for i, at := range spans {
		s.Parts[i] = SavedPart{Name: at.name, JSON: s.State[at.from:at.to:at.to], Version: d.version}
	}
	return s
}

// Join makes one state of parts that were kept one by one, which may be of
// different versions: the reverse of taking a snapshot apart. Parts of older
// versions run through the migrations, as [Parse] describes, until they are of
// the version of the newest part. If a migration then makes a part that a newer
// version has already saved, the saved one stays. A part that is null or empty
// is left out. A name that comes twice, or a version that is newer than the
// migrations, is an [*Error].
//
// Join returns nil for no parts: a first sync.
func Join(parts []SavedPart, migrations ...Migration) ([]byte, error) {
	newest := 0
	byVersion := map[int][]SavedPart{}
	seen := map[string]bool{}
	for _, p := range parts {
		switch {
		case seen[p.Name]:
			return nil, &Error{Table: p.Name, Problem: "the part comes twice"}
		case p.Name == versionKey:
			return nil, &Error{Problem: "no table can be called " + versionKey}
		case p.Version < 0:
			return nil, &Error{Table: p.Name, Problem: "its version is negative"}
		}
		seen[p.Name] = true
		if len(p.JSON) == 0 || string(p.JSON) == "null" {
			continue
		}
		object, err := readObject(p.JSON)
		if err != nil {
			return nil, &Error{Table: p.Name, Problem: err.Error()}
		}
		if len(object) > 0 {
			newest = max(newest, p.Version)
			byVersion[p.Version] = append(byVersion[p.Version], p)
		}
	}
	if newest > len(migrations) {
		return nil, newerError(newest, len(migrations))
	}
	joined := map[string]json.RawMessage{}
	for version := 0; version <= newest; version++ {
		for _, p := range byVersion[version] {
			joined[p.Name] = p.JSON
		}
		if version == newest || len(joined) == 0 {
			continue
		}
		if err := migrations[version](joined); err != nil {
			return nil, fmt.Errorf("state: migration from version %d: %w", version, err)
		}
	}
	if len(joined) == 0 {
		return nil, nil
	}
	b := []byte{'{'}
	for _, name := range slices.Sorted(maps.Keys(joined)) {
		b = append(append(appendString(b, name), ':'), joined[name]...)
		b = append(b, ',')
	}
	if newest > 0 {
		b = append(appendString(b, versionKey), ':')
		return append(strconv.AppendInt(b, int64(newest), 10), '}'), nil
	}
	return append(b[:len(b)-1], '}'), nil
}
