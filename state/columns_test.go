package state_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/state"
)

// columnSync returns the state of a sync of a table and its child. The name of a
// column that is not selected begins with a minus sign.
func columnSync(t *testing.T, saved string, columns ...string) *state.Document {
	t.Helper()
	d, err := state.Parse([]byte(saved))
	require.NoError(t, err)
	table := state.Declaration{Name: "t", Selected: true}
	for _, c := range columns {
		if name, without := strings.CutPrefix(c, "-"); without {
			table.Without = append(table.Without, name)
		} else {
			table.Columns = append(table.Columns, c)
		}
	}
	d.Declare(table)
	table.Name, table.Follows = "child", "t"
	d.Declare(table)
	d.Begin()
	return d
}

func finishAt(t *testing.T, d *state.Document, position int64) string {
	t.Helper()
	state.NewCursor[int64](d, "t").Advance(position)
	require.NoError(t, d.Finish())
	return string(d.Saved())
}

func TestNewColumnsNamesTheColumnsThatEarlierRowsLack(t *testing.T) {
	d := columnSync(t, "", "id", "a")
	assert.Empty(t, d.Table("t").NewColumns(), "there are no earlier rows")
	assert.Empty(t, d.Table("child").NewColumns())
	saved := finishAt(t, d, 1)

	d = columnSync(t, saved, "id", "a", "b")
	assert.Equal(t, []string{"b"}, d.Table("t").NewColumns())
	assert.Equal(t, []string{"b"}, d.Table("child").NewColumns())
	require.NoError(t, d.Table("t").Set("page", 1))
	require.NoError(t, d.Checkpoint())
	interrupted := columnSync(t, string(d.Saved()), "id", "a", "b")
	assert.Equal(t, []string{"b"}, interrupted.Table("t").NewColumns(), "the table was not read to the end")
	saved = finishAt(t, d, 1)
	assert.Empty(t, d.TakeWarnings())
	assert.Empty(t, columnSync(t, saved, "id", "a", "b").Table("t").NewColumns())
}

func TestTheUserIsWarnedOnceAboutColumnsThatEarlierRowsLack(t *testing.T) {
	saved := finishAt(t, columnSync(t, "", "id", "a"), 1)
	without := columnSync(t, saved, "id", "-a")
	saved = finishAt(t, without, 1)
	assert.Empty(t, without.TakeWarnings(), "a column was deselected")

	d := columnSync(t, saved, "id", "a")
	saved = finishAt(t, d, 1)
	warnings := d.TakeWarnings()
	require.Len(t, warnings, 2)
	assert.Contains(t, warnings[0]+warnings[1], "table t: rows that were delivered earlier lack the columns a")
	assert.Contains(t, warnings[0]+warnings[1], "table child: rows")
	again := columnSync(t, saved, "id", "a")
	finishAt(t, again, 1)
	assert.Empty(t, again.TakeWarnings())
}

func TestTheColumnsOfATableWithoutAPositionAreNotRecorded(t *testing.T) {
	d := columnSync(t, "", "id", "-a")
	require.NoError(t, d.Finish())
	assert.Equal(t, `{}`, string(d.Saved()))
}
