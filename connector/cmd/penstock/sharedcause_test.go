package main_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// failingTables returns a connector with the tables a, b and c whose sync fails with a
// message, which it also logs.
func failingTables(t *testing.T, message string) string {
	t.Helper()
	text, err := json.Marshal(message)
	require.NoError(t, err)
	return newScripted(t, map[string]string{
		"schema": `echo '{"schemas":{"s":{"tables":{"a":{"columns":{"id":{"type":"LONG"}}},"b":{"columns":{"id":{"type":"LONG"}}},"c":{"columns":{"id":{"type":"LONG"}}}}}}}'`,
		"sync": "cat >&2 <<'END'\n" + `{"level":"ERROR","msg":` + string(text) + `,"kind":"transient"}` + "\nEND\n" +
			"cat <<'END'\n" + `{"type":"LOG","log":{"level":"SEVERE","message":` + string(text) + `}}` + "\nEND\nexit 1",
	}).path
}

func TestACauseThatSeveralTablesShareIsPrintedOnce(t *testing.T) {
	for message, want := range map[string]string{
		"3 of 3 tables failed: a: GET /a: nothing listens: refused; b: GET /b: nothing listens: refused; c: GET /c: nothing listens: refused; try again later": "3 of 3 tables failed: a (GET /a), b (GET /b), c (GET /c): nothing listens: refused; try again later",
		"3 of 3 tables failed: a: GET /a: no; try: this; b: GET /b: other; s.c: GET /c: no; try: this":                                                         "3 of 3 tables failed: a (GET /a), s.c (GET /c): no; try: this; b: GET /b: other",
		"2 of 3 tables failed: a, c: login: no; b: GET /b: no":                                                                                                 "2 of 3 tables failed: a, c (login), b (GET /b): no",
		"2 of 3 tables failed: a: x: y; b: closed":                                                                                                             "2 of 3 tables failed: a: x: y; b: closed",
		"2 of 3 tables failed: other: x: y; b: x: y":                                                                                                           "2 of 3 tables failed: other: x: y; b: x: y",
		"the source: is down; try again":                                                                                                                       "the source: is down; try again",
	} {
		out, failed := newBench(t, "").penstock("sync", "--", failingTables(t, message))
		require.True(t, failed, out)
		assert.Contains(t, out, "failed: the connector failed: "+want+"\n")
		assert.Equal(t, 1, strings.Count(out, "tables failed")+strings.Count(out, "is down"), "the log has it, too:\n%s", out)
	}
	out, _ := newBench(t, "").penstock("sync", "-v", "--", failingTables(t, "the source is down"))
	assert.Contains(t, out, "error the source is down kind=transient\n", "-v prints the whole log")
}
