package main_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// selected writes a selection and returns its path.
func (b *bench) selected(text string) string {
	b.Helper()
	require.NoError(b, os.WriteFile(filepath.Join(b.dir, "selection.json"), []byte(text), 0o600))
	return "selection.json"
}

func TestTheSelectionIsPassedToTheConnector(t *testing.T) {
	b := newBench(t, `{}`)
	c := newScripted(t, map[string]string{"sync": `echo '{"type":"RECORD","record":{"s":{"t":{"id":1}}}}'; echo '{"type":"STATE","state":{"n":1}}'`})
	const tables = `{"s":{"t":{"columns":{"a":false,"id":false}},"u":false,"w":true}}`
	out, failed := b.penstock("sync", "-explain", "-selection", b.selected(tables), "--", c.path)
	require.False(t, failed, out)
	require.Len(t, c.requests("sync"), 1)
	assert.JSONEq(t, tables, string(c.requests("sync")[0].Selection.Tables))
	assert.Contains(t, out, "warning: selection.json deselects column id of table s.t, which is part of the primary key and is always delivered")
	assert.Contains(t, out, "warning: selection.json names table s.w, which the connector's schema does not have")
	assert.NotContains(t, out, "never had a value: a", "a deselected column")
	assert.NotContains(t, out, "only null")
	assert.NotContains(t, out, "s.u ")

	out, failed = b.penstock("sync", "-explain", "--", c.path)
	require.False(t, failed, out)
	assert.Empty(t, c.requests("sync")[1].Selection.Tables)
	out, _ = b.penstock("sync", "-explain", "-selection", b.selected(tables), "--", c.path)
	assert.NotContains(t, out, "never had a value: a", "a deselected column that the warehouse already has")
}

func TestRowsThatAreNotSelectedFailTheSync(t *testing.T) {
	for selection, want := range map[string]string{
		`{"s":{"t":false}}`:                      "line 3 of the answer: the connector delivered a row of table s.t, which selection.json deselects; 1 record after the last STATE was not stored",
		`{"s":{"t":{"columns":{"a":false}}}}`:    "line 3 of the answer: the connector delivered column a of table s.t, which selection.json deselects",
		`{"s":{"t":{"columns":{"more":false}}}}`: "line 3 of the answer: the connector delivered column more of table s.t, which selection.json deselects",
	} {
		b := newBench(t, `{}`)
		c := newScripted(t, map[string]string{"sync": `echo '{"type":"STATE","state":{"n":0}}'
echo '{"type":"RECORD","record":{"s":{"u":{"id":1}}}}'
echo '{"type":"RECORD","record":{"s":{"t":{"id":1,"m\u006fre":null,"a":"x"}}}}'
echo '{"type":"STATE","state":{"n":1}}'`})
		out, failed := b.penstock("sync", "-selection", b.selected(selection), "--", c.path)
		assert.True(t, failed, out)
		assert.Contains(t, out, want)
		assert.Equal(t, `{"n":0}`, b.state())
	}
}

func TestTheErrorOfAnInvalidSelectionNamesTheFile(t *testing.T) {
	b := newBench(t, `{}`)
	c := newScripted(t, nil)
	out, failed := b.penstock("sync", "-selection", "nowhere.json", "--", c.path)
	assert.True(t, failed)
	assert.Contains(t, out, "failed: read the selection: open nowhere.json: ")
	for text, want := range map[string]string{
		``:                                      "selection.json: want a JSON object",
		`null`:                                  "selection.json: want a JSON object",
		`[]`:                                    "selection.json: want a JSON object",
		`{"s":false}`:                           "selection.json: want a JSON object of schemas",
		`{"s":{"t":1}}`:                         `selection.json: table s.t: want true, false or {"columns":{"name":false}}`,
		`{"s":{"t":null}}`:                      "selection.json: table s.t: want true",
		`{"s":{"t":{"column":{"a":false}}}}`:    "selection.json: table s.t: want true",
		`{"s":{"t":{"columns":{"a":"false"}}}}`: "selection.json: table s.t: want true",
		`{"s":{"t":{"columns":{"a":null}}}}`:    "selection.json: table s.t: want true",
	} {
		out, failed := b.penstock("sync", "-selection", b.selected(text), "--", c.path)
		assert.True(t, failed, text)
		assert.Contains(t, out, want, text)
	}
	assert.NoFileExists(t, filepath.Join(c.dir, "spec"), "the connector is not started")
}
