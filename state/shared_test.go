package state_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/state"
)

// logSync returns the state of a sync of a source with the tables a, b and c.
func logSync(t *testing.T, saved string, selected ...string) *state.Document {
	t.Helper()
	d, err := state.Parse([]byte(saved))
	require.NoError(t, err)
	for _, name := range []string{"a", "b", "c"} {
		d.Declare(state.Declaration{Name: name})
		for _, s := range selected {
			if s == name {
				d.Declare(state.Declaration{Name: name, Selected: true})
			}
		}
	}
	d.Begin()
	return d
}

// moveTo saves a position in the shared part and finishes the sync.
func moveTo(t *testing.T, d *state.Document, position int) string {
	t.Helper()
	require.NoError(t, d.Shared().Set("position", position))
	return finish(t, d)
}

func finish(t *testing.T, d *state.Document) string {
	t.Helper()
	require.NoError(t, d.Finish())
	return string(d.Saved())
}

func TestMissedNamesTheTablesThatTheSharedPositionDoesNotCover(t *testing.T) {
	d := logSync(t, "", "a", "b")
	assert.Equal(t, []string{"a", "b"}, d.Missed(), "nothing is covered on a first sync")
	d.Cover("a")
	assert.Equal(t, []string{"b"}, d.Uncovered())
	saved := moveTo(t, d, 1)
	assert.Equal(t, `{"_shared":{"_number":1,"position":1},"a":{"_shared":1}}`, saved)

	d = logSync(t, saved, "a", "b")
	assert.Equal(t, []string{"b"}, d.Missed(), "b was not covered")
	d.Cover("b")
	saved = moveTo(t, d, 2)
	assert.Empty(t, logSync(t, saved, "a", "b").Missed())
	assert.Equal(t, []string{"c"}, logSync(t, saved, "a", "b", "c").Missed(), "c was never selected")

	d = logSync(t, saved, "a")
	assert.Empty(t, d.Missed())
	saved = moveTo(t, d, 3)
	d = logSync(t, saved, "a", "b")
	assert.Equal(t, []string{"b"}, d.Missed(), "the position moved while b was not selected")
	d.Cover("b")
	saved = moveTo(t, d, 4)
	d = logSync(t, saved, "a", "b")
	assert.Empty(t, d.Missed())
	d.Hold("b")
	saved = moveTo(t, d, 5)
	assert.Equal(t, []string{"b"}, logSync(t, saved, "a", "b").Missed(), "the position moved although b had failed")
	assert.Empty(t, d.TakeWarnings())
}

func TestATableThatIsResetAloneHasMissedEverything(t *testing.T) {
	d := logSync(t, "", "a", "b")
	for _, name := range d.Missed() {
		d.Cover(name)
	}
	saved := moveTo(t, d, 1)
	require.Equal(t, `{"_shared":{"_number":1,"position":1},"a":{"_shared":1},"b":{"_shared":1}}`, saved)
	assert.Equal(t, []string{"b"}, logSync(t, `{"_shared":{"_number":1,"position":1},"a":{"_shared":1}}`, "a", "b").Missed())
}

func TestAStateThatDoesNotMoveStaysTheSame(t *testing.T) {
	saved := moveTo(t, logSync(t, "", "a", "b"), 1)
	d := logSync(t, saved, "a")
	require.NoError(t, d.Finish())
	again := string(d.Saved())
	d = logSync(t, again, "a")
	require.NoError(t, d.Finish())
	assert.Equal(t, again, string(d.Saved()))
}

func TestTheUserIsWarnedOnceIfTheConnectorDoesNotAskWhatWasMissed(t *testing.T) {
	saved := moveTo(t, logSync(t, "", "a", "b"), 1)
	assert.Equal(t, `{"_shared":{"_missed":["c"],"position":1}}`, saved)
	saved = moveTo(t, logSync(t, saved, "a"), 2)
	d := logSync(t, saved, "a", "b")
	d.Freeze()
	saved = finish(t, d)
	warnings := d.TakeWarnings()
	require.Len(t, warnings, 1)
	assert.Contains(t, warnings[0], "table b was not selected")
	assert.Empty(t, d.TakeWarnings())
	d = logSync(t, saved, "a", "b")
	d.Freeze()
	assert.Empty(t, d.TakeWarnings())
}

func TestATableWithItsOwnPositionMissesNothing(t *testing.T) {
	withCursor := func(d *state.Document) *state.Document {
		state.NewCursor[int64](d, "b").Advance(7)
		return d
	}
	saved := moveTo(t, withCursor(logSync(t, "", "a", "b")), 1)
	saved = moveTo(t, logSync(t, saved, "a"), 2)
	d := withCursor(logSync(t, saved, "a", "b"))
	d.Freeze()
	assert.Empty(t, d.TakeWarnings())
}

// The runtime holds a table of which a row is missing. A connector that ignores the error may
// still call Cover.
func TestTheSharedPositionDoesNotCoverATableThatIsHeld(t *testing.T) {
	for _, moves := range []bool{true, false} {
		d := logSync(t, "", "a")
		d.Missed()
		d.Cover("a")
		saved := moveTo(t, d, 1)
		d = logSync(t, saved, "a", "b")
		require.Equal(t, []string{"b"}, d.Missed())
		d.Hold("b")
		if moves {
			require.NoError(t, d.Shared().Set("position", 2))
			require.NoError(t, d.Checkpoint())
		}
		d.Cover("b")
		assert.Equal(t, []string{"b"}, logSync(t, finish(t, d), "a", "b").Missed(), "moves: %t", moves)
	}
}
