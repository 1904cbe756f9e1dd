package state

import (
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
