package state

import (
	"bytes"
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
	// Parts are the parts that hold something, sorted by name.
	Parts []SavedPart
	// Version is the version of the state's shape.
	Version int
}

// A SavedPart is a part of a [Snapshot].
type SavedPart struct {
	// Name is the name of the table's part, or [SharedName].
	Name string
	// JSON is the part: a JSON object on one line. It is a piece of the
	// snapshot's State.
	JSON []byte
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
		s.Parts[i] = SavedPart{Name: at.name, JSON: s.State[at.from:at.to:at.to]}
	}
	return s
}

// Pick returns a state that holds the given parts of the snapshot and nothing
// else: a JSON object on one line, with the version. [Join] puts such states
// together again. Without parts it is {}.
func (s *Snapshot) Pick(parts ...SavedPart) []byte {
	return appendParts(nil, parts, s.Version)
}

// PickShared is Pick for what tables share: the state says so, by a shared part
// that may be empty. [Join] prefers the parts of other states to those in it.
// Without parts it is {}.
func (s *Snapshot) PickShared(parts ...SavedPart) []byte {
	if len(parts) == 0 || slices.ContainsFunc(parts, func(p SavedPart) bool { return p.Name == SharedName }) {
		return s.Pick(parts...)
	}
	return s.Pick(append([]SavedPart{{Name: SharedName, JSON: []byte("{}")}}, parts...)...)
}

// appendParts appends a state that consists of the parts.
func appendParts(b []byte, parts []SavedPart, version int) []byte {
	b = append(b, '{')
	for i, p := range parts {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(appendString(b, p.Name), ':'), p.JSON...)
	}
	if version > 0 && len(parts) > 0 {
		b = append(appendString(append(b, ','), versionKey), ':')
		b = strconv.AppendInt(b, int64(version), 10)
	}
	return append(b, '}')
}

// Join makes one state of several that hold different parts, such as those that
// a platform keeps table by table. They may be of different versions: older
// ones run through the migrations, as [Parse] describes, until they are of the
// version of the newest. If a migration then makes a part that a newer version
// has already saved, the saved one stays. A state that is empty, null or {} adds
// nothing. A part that comes twice is taken from the newer version, and otherwise
// from the state that has no shared part: a table that turned up late, or that the
// source no longer has, may still be in the shared one. An [*Error] reports a
// state that is not one, a part that comes twice all the same and differs, and a
// version that is newer than the migrations.
//
// Join returns nil if nothing remains: a first sync.
func Join(states [][]byte, migrations ...Migration) ([]byte, error) {
	chosen, err := choose(states, len(migrations))
	if err != nil {
		return nil, err
	}
	newest := 0
	byVersion := map[int][]SavedPart{}
	for _, name := range slices.Sorted(maps.Keys(chosen)) {
		p := chosen[name]
		newest = max(newest, p.version)
		byVersion[p.version] = append(byVersion[p.version], p.SavedPart)
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
		delete(joined, versionKey)
	}
	if len(joined) == 0 {
		return nil, nil
	}
	var parts []SavedPart
	for _, name := range slices.Sorted(maps.Keys(joined)) {
		parts = append(parts, SavedPart{Name: name, JSON: joined[name]})
	}
	return appendParts(nil, parts, newest), nil
}

// A keptPart is a part of a state that a platform kept.
type keptPart struct {
	SavedPart
	version int
	shared  bool // it was kept with the shared part
}

// choose takes states apart, and chooses among parts that come twice.
func choose(states [][]byte, known int) (map[string]keptPart, error) {
	chosen := map[string]keptPart{}
	for _, s := range states {
		top, err := readTop(s)
		if err != nil {
			return nil, err
		}
		version, err := takeVersion(top)
		if err != nil {
			return nil, err
		}
		if version > known {
			return nil, newerError(version, known)
		}
		_, shared := top[SharedName]
		for name, raw := range top {
			if string(raw) == "null" || string(raw) == "{}" {
				continue
			}
			p := keptPart{SavedPart{Name: name, JSON: raw}, version, shared && name != SharedName}
			other, twice := chosen[name]
			switch {
			case !twice || p.version > other.version || p.version == other.version && other.shared && !p.shared:
				chosen[name] = p
			case p.version < other.version || p.shared && !other.shared || bytes.Equal(p.JSON, other.JSON):
			default:
				return nil, &Error{Table: name, Problem: "its part comes twice"}
			}
		}
	}
	return chosen, nil
}
