package main_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
	"github.com/penstock-sdk/penstock/examples/restapi/demoapi/shop"
)

func TestASyncWithoutAStateIsAFailure(t *testing.T) {
	b := newBench(t, "")
	out, failed := b.penstock("sync", "-explain", "--", recorded(t, `{"schemas":{}}`, `{"type":"RECORD","record":{"s":{"t":{"id":1}}}}`))
	require.True(t, failed)
	assert.Contains(t, out, "failed: the connector succeeded, but its last line is not a STATE; 1 record after the last STATE was not stored and will be delivered again")
	assert.Contains(t, out, "look at: there was no checkpoint")
	out, failed = b.penstock("query", "select * from s.t")
	assert.True(t, failed)
	assert.Contains(t, out, "no such table")
}

func TestAConnectorInAnotherLanguageWorks(t *testing.T) {
	b := newBench(t, `{"team":"${PENSTOCK_TEST_TEAM}","flaw":"no"}`)
	t.Setenv("PENSTOCK_TEST_TEAM", "blue")
	out, failed := b.penstock("sync", "--", tickets(t))
	require.False(t, failed, out)
	for _, want := range []string{
		"test: the shell is here\n",
		"first sync\n",
		"reading tickets\n",
		"table           upserts  updates  deletes  truncates total rows\nhelp.tickets          4        1        1          0          3\n",
		"help.tickets: new columns: urgent BOOLEAN\n",
		"6 rows in ",
		"; 3 checkpoints, state of 10 B",
		"warning: one ticket has no title\n",
	} {
		assert.Contains(t, out, want)
	}
	assert.Equal(t, "2,2nd,1,0\n3,third,,1\n4,fourth,,0\n9007199254740993,first,,0",
		b.query("SELECT id, title, urgent, _fivetran_deleted FROM help.tickets ORDER BY id"))
	assert.Equal(t, `{"page":3}`, b.state())
}

func TestAMalformedLineEndsTheSyncAndLosesNothingBeforeIt(t *testing.T) {
	b := newBench(t, `{"team":"blue"}`)
	out, failed := b.penstock("sync", "--", tickets(t))
	require.True(t, failed)
	assert.Contains(t, out, "failed: line 10 of the answer: it is not a JSON object: Traceback: something printed this")
	assert.Contains(t, out, "; 1 record after the last STATE was not stored and will be delivered again\n")
	assert.Equal(t, "2,0\n3,1\n9007199254740993,0", b.query("SELECT id, _fivetran_deleted FROM help.tickets ORDER BY id"))
	assert.Equal(t, `{"page":2}`, b.state())
}

func TestTheConfigurationIsCheckedBeforeTheSync(t *testing.T) {
	for configuration, want := range map[string]string{
		`{}`:                                  "configuration.json: field team is missing; the connector's fields are flaw, team",
		`{"team":"a","taem":"b"}`:             "field taem is unknown; the connector's fields are flaw, team",
		`{"team":"${PENSTOCK_TEST_NOWHERE}"}`: "configuration.json: field team: environment variable PENSTOCK_TEST_NOWHERE is not set",
		`{"team":1}`:                          "configuration.json: field team is neither a string nor an object",
		`["team"]`:                            "configuration.json: want a JSON object of strings",
	} {
		b := newBench(t, configuration)
		out, failed := b.penstock("sync", "--", tickets(t))
		assert.True(t, failed, out)
		assert.Contains(t, out, "failed: ")
		assert.Contains(t, out, want)
		assert.NoDirExists(t, filepath.Join(b.dir, "files"))
	}
}

func TestASyncWithoutAConfigurationSaysHowToCreateOne(t *testing.T) {
	b := newBench(t, "")
	out, failed := b.penstock("sync", "--", tickets(t))
	assert.True(t, failed)
	assert.Contains(t, out, "failed: the file configuration.json does not exist: create it with content such as {\"team\":\"…\"}, or name another file with -configuration\n")
	assert.NotContains(t, out, "is missing", "that follows from the first error")
	out, failed = b.penstock("sync", "-configuration", "other.json", "--", tickets(t))
	assert.True(t, failed)
	assert.Contains(t, out, "failed: the file other.json does not exist: ")
	require.NoError(t, os.WriteFile(filepath.Join(b.dir, "configuration.json"), []byte("{}"), 0o600))
	out, failed = b.penstock("sync", "--", tickets(t))
	assert.True(t, failed)
	assert.Contains(t, out, "failed: configuration.json: field team is missing")
	assert.NotContains(t, out, "does not exist")
}

func TestASyncNeedsNoConfigurationIfTheConnectorNeedsNone(t *testing.T) {
	b := newBench(t, "")
	out, failed := b.penstock("sync", "--", newScripted(t, nil).path)
	assert.False(t, failed, out)
}

func TestAConnectorThatNeverExitsIsKilled(t *testing.T) {
	_ = tickets(t)
	b := newBench(t, "")
	script := filepath.Join(b.dir, "endless.sh")
	require.NoError(t, os.WriteFile(script, []byte("#!/bin/sh\nexec yes '{}'\n"), 0o700)) //nolint:gosec // it is a program
	out, failed := b.penstock("sync", "--", script)
	assert.True(t, failed)
	assert.Contains(t, out, "the answer is longer than 64 MB; it begins with")
}

func TestOnlyOneSyncAtATimeUsesAWarehouse(t *testing.T) {
	b := newBench(t, `{"team":"blue","flaw":"no"}`)
	require.NoError(t, os.Mkdir(filepath.Join(b.dir, "files"), 0o755))
	lock, err := warehouse.TakeLock(filepath.Join(b.dir, "files", ".lock"))
	require.NoError(t, err)
	out, failed := b.penstock("sync", "--", tickets(t))
	assert.True(t, failed)
	assert.Contains(t, out, "another sync is using this directory")
	out, failed = b.penstock("reset")
	assert.True(t, failed)
	assert.Contains(t, out, "another sync is using this directory")
	require.NoError(t, lock.Release())
	out, failed = b.penstock("sync", "--", tickets(t))
	assert.False(t, failed, out)
}

func TestJSONIsOneObjectForScripts(t *testing.T) {
	b := newBench(t, `{"team":"blue","flaw":"no"}`)
	var text output
	cmd := b.command("sync", "-json", "-explain", "--", tickets(t))
	cmd.Stdout = &text
	require.NoError(t, cmd.Run())
	var sum struct {
		OK     bool
		Rows   int
		Tables []struct {
			Table   string
			Upserts int
			Rows    int
		}
	}
	require.NoError(t, json.Unmarshal([]byte(text.String()), &sum), text.String())
	assert.True(t, sum.OK)
	assert.Equal(t, 6, sum.Rows)
	assert.Equal(t, 4, sum.Tables[0].Upserts)
	assert.Equal(t, 3, sum.Tables[0].Rows)

	again, failed := b.penstock("summary", "-json")
	require.False(t, failed, again)
	assert.JSONEq(t, text.String(), again)
}

func TestAnInterruptedSyncStoresTheConnectorsLastCheckpoint(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no signal that requests an exit")
	}
	api := shop.New(shop.Config{APIKey: "demo", Customers: 3, Orders: 200_000})
	fifthPage := make(chan struct{})
	var once sync.Once
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/orders" && api.RequestsTo("/orders") == 4 {
			once.Do(func() { close(fifthPage) })
		}
		api.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	b := newBench(t, fmt.Sprintf(`{"api_key":"demo","base_url":%q}`, srv.URL))
	cmd := b.command("sync", "--", program("restapi"))
	var printed output
	cmd.Stdout, cmd.Stderr = &printed, &printed
	require.NoError(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-fifthPage:
	case err := <-ended:
		require.FailNow(t, "the sync ended before the fifth page", "%v\n%s", err, printed.String())
	}
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	require.Error(t, <-ended)
	assert.Contains(t, printed.String(), "failed: interrupted\n", "no record follows the connector's last STATE")
	assert.Equal(t, "1", b.query("SELECT count(*) > 0 FROM shop.orders"))
}

func TestAWarehouseKeepsItsNaming(t *testing.T) {
	b := newBench(t, `{"team":"blue","flaw":"no"}`)
	b.penstock("sync", "-naming", "platform", "--", tickets(t))
	out, failed := b.penstock("sync", "--", tickets(t))
	assert.True(t, failed)
	assert.Contains(t, out, "the warehouse was created with -naming platform")
}
