package singer

import (
	"cmp"
	"slices"

	"github.com/penstock-sdk/penstock/internal/rawjson"
)

// A fullLoad is the progress of a stream whose replication method is FULL_TABLE. Its
// bookmark is dropped, so that the sync reads the table from the beginning. The records
// get a new version, and once the sync has succeeded, that version is activated: the
// target then removes the rows that were not delivered again.
type fullLoad struct {
	wanted    bool // the replication method is FULL_TABLE
	versioned bool // the records have a version
	delivered bool // at least one record or truncate was delivered
	refused   bool // a row was refused, so it was not delivered again
	open      bool // the table has begun and not ended
	failed    bool // it failed when it ended last
	ended     bool // it has ended at least once
}

// isComplete reports whether the whole table was delivered by a sync that succeeded.
// A table without any row may not have been read.
func (f *fullLoad) isComplete() bool {
	return f.versioned && f.delivered && f.ended && !f.refused && !f.open && !f.failed
}

// planFullLoads decides which streams get a version, given the shared part of the
// state and the state from which the sync starts. If the state still has a position
// that may belong to a stream, the table may not be read from the beginning, so that
// removing rows is not safe.
func (s *streams) planFullLoads(shared, joined []byte) {
	s.startVersion = versionOf(joined)
	if slices.ContainsFunc(mustMembers(shared), func(m rawjson.Member) bool { return m.Name != versionName && string(m.Value) != "{}" }) {
		return
	}
	left := map[string]bool{}
	for _, m := range mustMembers(joined) {
		left[m.Name] = true
	}
	for _, stream := range s.all {
		stream.fullLoad.versioned = stream.fullLoad.wanted && !left[stream.table.Name] && !left[stream.table.String()]
	}
}

// versionOf returns the version of a state as JSON, or "" if the state is empty.
func versionOf(state []byte) string {
	if len(state) == 0 {
		return ""
	}
	for _, m := range mustMembers(state) {
		if m.Name == versionName {
			return string(m.Value)
		}
	}
	return "0"
}

// mustMembers returns the members of a state that was checked before.
func mustMembers(state []byte) []rawjson.Member {
	if len(state) == 0 {
		return nil
	}
	all, _ := rawjson.Members(state) // JoinState has accepted it
	return all
}

// activate writes an ACTIVATE_VERSION message for each stream that was delivered as a
// whole. It is called after the sync has succeeded. If the sync has migrated the state,
// it activates nothing, because a migration may have given a table the position of
// another one.
func (w *wire) activate() error {
	if v := w.streams.startVersion; v != "" && v != cmp.Or(w.state.version, "0") {
		return nil
	}
	for _, stream := range w.streams.all {
		f := &stream.fullLoad
		switch {
		case f.isComplete():
			if err := w.activateVersion(stream); err != nil {
				return err
			}
		case f.versioned && !f.delivered && w.streams.isSelected(stream):
			w.log.Warn("the full load of a stream has delivered no row, so the rows at the target stay", "stream", stream.name)
		}
	}
	return nil
}
