package state

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

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
