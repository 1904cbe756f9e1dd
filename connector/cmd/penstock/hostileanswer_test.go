//go:build unix

package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAFailureSaysWhatTheConnectorReportedAndHowItEnded(t *testing.T) {
	t.Parallel()
	severe := `echo '{"type":"LOG","log":{"level":"SEVERE","message":"the key has expired"}}'` + "\n"
	for script, want := range map[string]string{
		severe:                          "failed: the connector exited with status 0, although it reported a failure: the key has expired",
		severe + "exit 3":               "failed: the connector failed: the key has expired",
		severe + "kill -9 $$":           "failed: signal 9 (killed) killed the connector: the key has expired",
		aRow + "kill -SEGV $$":          "failed: signal 11 (segmentation fault) killed the connector\n",
		aRow + severe + "kill -TERM $$": "failed: signal 15 (terminated) killed the connector: the key has expired",
	} {
		out, failed := newBench(t, "").penstock("sync", "--", newScripted(t, map[string]string{"sync": script}).path)
		assert.True(t, failed)
		assert.Contains(t, out, want, script)
	}
}

func TestAServerForFivetranIsNamedInsteadOfWaitingForItsAnswer(t *testing.T) {
	t.Parallel()
	log := `echo '{"level":"INFO","message":"serving gRPC on [::]:50051","message-origin":"sdk_connector"}'` + "\nexec sleep 600"
	server := newScripted(t, map[string]string{"spec": log, "test": log})
	out, failed := newBench(t, "").penstock("sync", "--", server.path)
	assert.True(t, failed)
	assert.Contains(t, out, "the program is a gRPC server for Fivetran")
}

func TestAMessageOfMegabytesIsCut(t *testing.T) {
	t.Parallel()
	long := `head -c 3000000 /dev/zero | tr '\0' x; `
	for name, scripts := range map[string]map[string]string{
		"test":   {"test": `printf '{"status":"FAILURE","message":"'; ` + long + `echo '"}'`},
		"log":    {"sync": `printf '{"type":"LOG","log":{"level":"SEVERE","message":"'; ` + long + `echo '"}}'; exit 1`},
		"warn":   {"sync": `printf '{"type":"LOG","log":{"level":"WARNING","message":"'; ` + long + `echo '"}}'; ` + aRow},
		"column": {"sync": `printf '{"type":"RECORD","record":{"s":{"t":{"id":1,"'; ` + long + `echo '":"x"}}}}'; ` + aRow},
	} {
		out, _ := newBench(t, "").penstock("sync", "--", newScripted(t, scripts).path)
		assert.Less(t, len(out), 200<<10, name)
		assert.Contains(t, out, "… [cut here, of 2929 KB]", name)
	}
}

func TestATableWithTooManyColumnsIsAnErrorInWords(t *testing.T) {
	t.Parallel()
	var members, columns []string
	for i := range 2500 {
		members = append(members, fmt.Sprintf(`"c%d":"x"`, i))
		columns = append(columns, fmt.Sprintf(`"c%d":{"type":"STRING"}`, i))
	}
	for want, scripts := range map[string]map[string]string{
		"failed: table s.t: a table of the warehouse holds at most 1997 columns, and this one has more: deselect columns with the flag -selection": {
			"schema": `echo '{"schemas":{"s":{"tables":{"t":{"columns":{` + strings.Join(columns, ",") + `}}}}}}'`,
		},
		"failed: line 1 of the answer: table s.t: a table of the warehouse holds at most 1998 columns": {
			"sync": `echo '{"type":"RECORD","record":{"s":{"t":{"id":1,` + strings.Join(members, ",") + `}}}}'` + "\n" + aRow,
		},
	} {
		out, failed := newBench(t, "").penstock("sync", "--", newScripted(t, scripts).path)
		require.True(t, failed, out)
		assert.Contains(t, out, want)
	}
}

func TestAFileThatIsNotAWarehouseIsNamed(t *testing.T) {
	t.Parallel()
	b := newBench(t, "")
	require.NoError(t, os.Mkdir(filepath.Join(b.dir, "files"), 0o700))
	path := filepath.Join("files", "warehouse.db")
	require.NoError(t, os.WriteFile(filepath.Join(b.dir, path), []byte(strings.Repeat("garbage", 1000)), 0o600))
	out, failed := b.penstock("sync", "--", newScripted(t, nil).path)
	require.True(t, failed, out)
	assert.Contains(t, out, "failed: open "+path+": sqlite3: file is not a database; remove the file, or choose another directory")
}

func TestASchemaOrASpecThatPlatformsRefuseIsAnErrorInWords(t *testing.T) {
	t.Parallel()
	table := `{"columns":{"id":{"type":"LONG","primary_key":true}}}`
	for want, scripts := range map[string]map[string]string{
		"the names of tables s.t and s.T differ only in upper and lower case": {"schema": `echo '{"schemas":{"s":{"tables":{"t":` + table + `,"T":` + table + `}}}}'`},
		"table sqlite_s.t begins with sqlite_":                                {"schema": `echo '{"schemas":{"sqlite_s":{"tables":{"t":` + table + `}}}}'`},
		"the value of properties is of type array":                            {"spec": `echo '{"properties":[]}'`},
		"the value of required is of type string":                             {"spec": `echo '{"required":"token"}'`},
		"test of the configuration failed: it gives no reason":                {"test": `echo '{"status":"FAILURE"}'`},
	} {
		out, failed := newBench(t, "").penstock("sync", "--", newScripted(t, scripts).path)
		assert.True(t, failed)
		assert.Contains(t, out, want)
	}
}

func TestTheSummaryHoldsABoundedNumberOfWarnings(t *testing.T) {
	t.Parallel()
	out, failed := newBench(t, "").penstock("sync", "--", newScripted(t, map[string]string{
		"sync": `awk 'BEGIN { for (i = 1; i <= 3000; i++) printf "{\"type\":\"LOG\",\"log\":{\"level\":\"WARNING\",\"message\":\"number %d.\"}}\n", i }'` + "\n" + aRow,
	}).path)
	require.False(t, failed, out)
	assert.Equal(t, 2, strings.Count(out, "number 1000."), "once when it occurs and once in the summary")
	assert.Equal(t, 1, strings.Count(out, "number 3000."))
	assert.Contains(t, out, "warning: 2,000 further warnings, which were printed when they occurred")
}

func TestAFullDiskIsAnErrorInWordsAndKeepsTheLastCheckpoint(t *testing.T) {
	t.Parallel()
	b := newBench(t, "")
	c := newScripted(t, map[string]string{"sync": `awk 'BEGIN { for (i = 1; i <= 20000; i++) {
	printf "{\"type\":\"RECORD\",\"record\":{\"s\":{\"t\":{\"id\":%d,\"a\":\"0123456789012345678901234567890123456789\"}}}}\n", i
	if (i % 100 == 0) printf "{\"type\":\"STATE\",\"state\":{\"n\":%d}}\n", i } }'`})
	cmd := exec.Command("sh", "-c", `ulimit -f 500 && exec "$0" sync -- "$1"`, program("penstock"), c.path)
	cmd.Dir = b.dir
	out, err := combined(cmd)
	require.Error(t, err, out)
	assert.Contains(t, out, "check that the disk is not full")
	assert.NotContains(t, out, "rollback")
	rows := b.query("SELECT count(*) FROM s.t")
	assert.NotEqual(t, "0", rows)
	_, failed := b.penstock("sync", "--", c.path)
	require.False(t, failed)
	requests, err := os.ReadFile(filepath.Join(c.dir, "sync"))
	require.NoError(t, err)
	assert.Contains(t, string(requests), `"state":{"n":`+rows+`}`, "the next sync resumes there")
}
