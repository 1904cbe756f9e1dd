package state

import (
	"slices"
	"strconv"
	"sync"

	"github.com/penstock-sdk/penstock/internal/rawjson"
)

// SharedName is the name of the shared part in a state.
const SharedName = "_shared"

// A Snapshot is a saved state as a whole and in parts. It is for runtimes that
// deliver states to a platform. It is safe for concurrent use. Snapshots share memory
// with one another and with their document, so their bytes must not be modified.
type Snapshot struct {
	// State is the whole state, a JSON object on a single line. It has the bytes that
	// [Document.Saved] returns.
	State []byte
	// Version is the version of the state, which is the number of migrations that were
	// passed to [Parse].
	Version int

	doc      *Document
	sequence int // of the snapshots of the document
	whole    []SavedPart
	families []familySnapshot
	once     sync.Once
	parts    []SavedPart
}

// A SavedPart is a part of a [Snapshot].
type SavedPart struct {
	// Name is the name of the table, or [SharedName] for the shared part.
	Name string
	// JSON is the part, a JSON object on a single line. It may share the memory of
	// the snapshot's State.
	JSON []byte
}

// Names returns the names of the parts that are not empty, sorted.
func (s *Snapshot) Names() []string {
	names := make([]string, len(s.whole))
	for i, p := range s.whole {
		names[i] = p.Name
	}
	return names
}

// Parts returns the parts that are not empty, sorted by name. [Snapshot.Pick] makes
// states of them, which a platform may store separately. [Join] states what the platform
// may do with them.
//
// The part of a table that follows another one, or whose position is in the shared part,
// states that position by itself. It therefore differs from the same part in State, and
// it changes whenever the position does. The parts of other tables are those of State.
//
// The first call takes time proportional to the size of the parts. A runtime whose platform
// stores whole states does not need to call Parts.
func (s *Snapshot) Parts() []SavedPart {
	s.once.Do(func() {
		s.parts = slices.Clone(s.whole)
		if s.doc != nil {
			s.split()
		}
	})
	return s.parts
}

// Pick returns a state with only the given parts of the snapshot and the
// version. It is a JSON object on a single line. If there are no parts, it is
// {}. [Join] combines such states.
func (s *Snapshot) Pick(parts ...SavedPart) []byte {
	return appendParts(nil, parts, s.Version)
}

// PickShared is like [Snapshot.Pick], but marks the state as one that tables
// share. The mark is the shared part, which PickShared adds if necessary and
// which may be empty. [Join] prefers the parts of other states to the parts of
// a shared one. If there are no parts, the state is {}.
func (s *Snapshot) PickShared(parts ...SavedPart) []byte {
	if len(parts) == 0 || slices.ContainsFunc(parts, func(p SavedPart) bool { return p.Name == SharedName }) {
		return s.Pick(parts...)
	}
	return s.Pick(append([]SavedPart{{Name: SharedName, JSON: []byte("{}")}}, parts...)...)
}

// appendParts appends a state with the given parts and version.
func appendParts(b []byte, parts []SavedPart, version int) []byte {
	b = append(b, '{')
	for i, p := range parts {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(rawjson.AppendString(b, p.Name), ':'), p.JSON...)
	}
	return append(appendVersion(b, version), '}')
}

// appendVersion appends the version to the members of a state. A state without parts has
// none.
func appendVersion(b []byte, version int) []byte {
	if version == 0 || b[len(b)-1] == '{' {
		return b
	}
	b = append(rawjson.AppendString(append(b, ','), versionKey), ':')
	return strconv.AppendInt(b, int64(version), 10)
}
