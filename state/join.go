package state

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"

	"github.com/penstock-sdk/penstock/internal/pasted"
)

// Join combines states that have different parts into one state. It is for
// platforms that store the state of each table separately. States that are
// empty, null or {} are ignored. If there are no parts, Join returns nil, which
// is the state of a first sync.
//
// A platform may store the parts of [Snapshot.Parts] in any combination. For each table,
// it passes to Join one part that it has received in any earlier sync, or
// none. There are two conditions. Before it passes a part, the platform has stored all
// rows of the table that it received before the part. If it deletes the rows of the
// table, it never passes a part that it received before that. The parts of different
// tables may then be from different checkpoints and from different syncs. A sync that
// starts from the joined state and succeeds delivers the rows that are missing. It may
// deliver other rows again. It reads a table from the beginning only if the parts do not
// state from which position a table and its followers can be read together.
//
// This includes tables whose position is in the shared part, if the connector calls
// [State.Missed]. If it does not, these tables have no part of their own. The platform
// must then store the shared part only after all rows that it received before.
//
// The states may have different versions. Join applies the migrations, as
// [Parse] does, until all states have the version of the newest one. If a
// migration creates a part that a state of a newer version already has, that
// state's part is used.
//
// If several states have the same part, Join uses the one with the newest
// version. Among states of the same version, it uses the one without a shared
// part. The state with the shared part may still have the part of a table that
// the source added late or no longer has.
//
// Join returns an [*Error] if a state is not valid, if a version is greater
// than the number of migrations, or if none of these rules decides between two
// different parts with the same name. If a migration returns an error, Join
// returns an error that wraps it.
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
		if err := apply(migrations[version], joined, version); err != nil {
			return nil, err
		}
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

// A candidate is a part of one of the states to join.
type candidate struct {
	SavedPart
	version int
	shared  bool // whether its state has a shared part, and this is another part
}

// supersedes reports whether Join prefers c to another candidate with the same
// name.
func (c candidate) supersedes(other candidate) bool {
	return c.version > other.version || c.version == other.version && other.shared && !c.shared
}

// choose returns the parts of the states. If several states have a part, it
// selects one of them by the rules of Join.
func choose(states [][]byte, known int) (map[string]candidate, error) {
	chosen := map[string]candidate{}
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
			c := candidate{SavedPart{Name: name, JSON: raw}, version, shared && name != SharedName}
			other, duplicate := chosen[name]
			switch {
			case !duplicate || c.supersedes(other):
				chosen[name] = c
			case !other.supersedes(c) && !bytes.Equal(c.JSON, other.JSON):
				return nil, &Error{Table: pasted.Label(name), Problem: "two states have different parts for it"}
			}
		}
	}
	return chosen, nil
}
