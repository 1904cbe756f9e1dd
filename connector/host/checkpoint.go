package host

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A snapshot is a saved state. It records which table owned each part when it was
// taken, because a table that is declared later may claim a part.
type snapshot struct {
	*state.Snapshot
	tables int                             // the number of tables; later ones follow them
	owners map[string]*progress            // by the name of the part, or nil if not recorded yet
	mine   map[*progress][]state.SavedPart // by table, across its declarations; nil before group
	shared []state.SavedPart
}

// recordOwners records which table owns each part, by the plain or the qualified name of
// the table.
func (s *snapshot) recordOwners(names *schema.Names[*table]) {
	if s.owners != nil {
		return
	}
	s.owners = map[string]*progress{}
	for _, name := range s.Names() {
		if t, err := names.Lookup(name); err == nil && name != state.SharedName {
			s.owners[name] = t.progress
		}
	}
}

// group assigns the parts to tables. A part that belongs to no table is shared, so that
// it is kept.
func (s *snapshot) group(names *schema.Names[*table]) {
	s.recordOwners(names)
	if s.mine != nil {
		return
	}
	s.mine = map[*progress][]state.SavedPart{}
	for _, p := range s.Parts() {
		if owner := s.owners[p.Name]; owner != nil {
			s.mine[owner] = append(s.mine[owner], p)
		} else {
			s.shared = append(s.shared, p)
		}
	}
}

// A checkpoint holds the data from which Operation.Parts computes the parts of a
// state.
type checkpoint struct {
	now    *snapshot
	before *snapshot // the previous one that was sent, or nil
	names  *schema.Names[*table]
	used   bool // the connector has asked for the shared part
}

// parts returns the parts of the state by table.
func (c *checkpoint) parts() []StatePart {
	before := c.before
	if before == nil {
		before = &snapshot{Snapshot: &state.Snapshot{}}
	}
	before.group(c.names) // in the order in which the snapshots were taken
	c.now.group(c.names)
	var all []StatePart
	i := -1
	for declared, t := range c.names.All() {
		i++
		mine, was := c.now.mine[t.progress], before.mine[t.progress]
		if !t.selected && len(mine) == 0 && len(was) == 0 {
			continue
		}
		changed := c.before == nil || i >= c.before.tables || !slices.EqualFunc(mine, was, equalParts)
		all = append(all, StatePart{Table: declared, State: c.now.Pick(mine...), Selected: t.selected, Changed: changed})
	}
	// The first checkpoint always includes the shared part, because the platform
	// may hold one from an earlier sync.
	if c.before == nil || len(c.now.shared) > 0 || len(before.shared) > 0 {
		changed := c.before == nil || !slices.EqualFunc(c.now.shared, before.shared, equalParts)
		all = append(all, StatePart{State: c.now.PickShared(c.now.shared...), Selected: true, Used: c.used, Changed: changed})
	}
	return all
}

// equalParts reports whether two parts of snapshots of one document are the same.
func equalParts(a, b state.SavedPart) bool { return a.Name == b.Name && bytes.Equal(a.JSON, b.JSON) }

// checkpoint calls save, which saves the state of the tables, or the whole state if
// tables is nil. It sends the saved state if a checkpoint is due.
func (s *session) checkpoint(save func() error, tables []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.failure != nil:
		return s.failure
	case s.closed.Load():
		return connector.ErrClosed
	case s.enough.Load() != nil:
		// The accepted operations may still be saved, so that the last state
		// covers them. The exception is a part of the state whose position may
		// have moved past a refused operation.
		cause := s.enough.Load().cause
		if s.refused.concern(tables) {
			return cause
		}
		err := save()
		s.cancel(cause)
		return errors.Join(err, cause)
	case s.ctx.Err() != nil:
		return context.Cause(s.ctx)
	}
	if err := save(); err != nil {
		return err
	}
	s.pending = true
	if !s.isDue() {
		return nil
	}
	return s.sendUnlessRepeated()
}

// maxRepeatWait is the time after which rows are covered although the state is large and
// has not changed.
const maxRepeatWait = time.Second

// largeState is the size in bytes of a state above which rows make a checkpoint due
// only if they have that size together.
const largeState = 64 << 10

// isDue reports whether a checkpoint must be sent. Sending a large state after each
// 10,000 rows would cost more than the rows, and more with each partition in it. The
// caller holds s.mu.
func (s *session) isDue() bool {
	o := s.run.options
	if time.Since(s.sentAt) >= o.checkpointInterval {
		return true
	}
	rows, _ := s.unsent()
	return rows >= o.checkpointRows && !s.lacksBytes()
}

// unsent returns the number of row operations that the last state does not cover, and the
// size of their rows. They include those in batches, which are written before a state. The
// caller holds s.mu.
func (s *session) unsent() (rows, bytes int) {
	rows, bytes = int(s.sinceSent.Load()), s.bytesSent
	for _, b := range s.mu.batches {
		rows += len(b.rows)
		bytes += len(b.data)
	}
	return rows, bytes
}

// lacksBytes reports whether the last state is large, and the rows since then have a
// smaller size together. The caller holds s.mu.
func (s *session) lacksBytes() bool {
	if s.last == nil || len(s.last.State) <= largeState || s.run.options.checkpointRows <= 0 {
		return false
	}
	_, size := s.unsent()
	return size < len(s.last.State)
}

// sendUnlessRepeated sends the saved state, unless it says nothing that the last state did
// not say. If no row has been delivered since then, an equal state is never sent: the last
// one covers the same rows. After rows, an equal state is sent, because platforms store
// and count the rows before a state when they receive it, and a reader that waited for the
// end of the sync would have to keep all of them. If the state is large, the rows must have
// its size, or maxRepeatWait must have passed: a source may wait until its rows are covered.
// The last state of a sync covers the other ones in any case. The caller holds s.mu.
func (s *session) sendUnlessRepeated() error {
	saved := s.snapshot()
	if s.last != nil && len(s.read) == 0 && bytes.Equal(s.last.State, saved.State) {
		if rows, _ := s.unsent(); rows == 0 {
			s.pending = false
			return nil
		}
		if interval := s.run.options.checkpointInterval; interval > 0 && s.lacksBytes() && time.Since(s.sentAt) < max(interval, maxRepeatWait) {
			return nil
		}
	}
	return s.sendState(saved)
}

// snapshot returns the saved state.
func (s *session) snapshot() *snapshot {
	return &snapshot{Snapshot: s.doc.Snapshot(), tables: s.names.Len()}
}

// finish saves the whole state of a successful sync. It does not send the state.
func (s *session) finish() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.checkUnknown(); err != nil {
		return err
	}
	return s.doc.Finish()
}

// sendState sends a saved state, followed by the ends of the tables that it covers.
// The caller holds s.mu.
func (s *session) sendState(saved *snapshot) error {
	if s.run.redactor.inJSON(saved.State) {
		return errSecretState
	}
	if err := s.checkSize(saved); err != nil {
		return err
	}
	if err := s.warnAboutState(); err != nil {
		return err
	}
	s.op = Operation{Kind: OpCheckpoint, State: saved.State, checkpoint: &checkpoint{saved, s.last, &s.names, s.doc.UsesShared()}}
	if err := s.force(); err != nil {
		return err
	}
	s.sinceSent.Store(0)
	s.last, s.sentAt, s.bytesSent, s.pending = saved, time.Now(), 0, false
	s.notifier.add(saved)
	covered := s.read
	s.read = nil
	for _, t := range covered {
		if !t.read || !t.open {
			continue // the table has begun again, or its end has been reported
		}
		if err := s.endTable(t, nil); err != nil {
			return err
		}
	}
	return nil
}

// warnAboutState delivers the warnings of the state, which concern rows that the
// state to be sent covers. The caller holds s.mu.
func (s *session) warnAboutState() error {
	for _, message := range s.doc.TakeWarnings() {
		if err := s.forceWarning(message, nil); err != nil {
			return err
		}
	}
	return nil
}

// byChance ends the message of a refusal for the user whose secret is an ordinary word.
const byChance = "; if the secret is an ordinary word that occurs there by chance, such as the name of a table, replace the secret at the source by a random one"

// errSecretState reports a state that contains a secret.
var errSecretState = connector.Errorf(connector.Defect, "state: it would contain a secret of the configuration, and platforms do not protect states; save something else, such as a page token instead of a whole URL"+byChance)

// sendOverdue sends a pending checkpoint that no later one has superseded. If it
// fails, so does the sync.
func (s *session) sendOverdue() {
	if !s.mu.TryLock() {
		return // an operation is running: try again at the next tick
	}
	defer s.mu.Unlock()
	if !s.pending || s.closed.Load() || s.enough.Load() != nil || s.failure != nil || time.Since(s.sentAt) < s.run.options.checkpointInterval {
		return
	}
	if err := s.sendUnlessRepeated(); err != nil {
		s.cancel(err)
	}
}
