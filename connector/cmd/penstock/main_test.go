package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
	"github.com/penstock-sdk/penstock/examples/restapi/demoapi/shop"
)

// programs is where the tests' binaries are.
var programs string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "penstock-test-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		programs = dir
		for name, pkg := range map[string]string{"penstock": ".", "restapi": "github.com/penstock-sdk/penstock/examples/restapi"} {
			if out, err := exec.Command("go", "build", "-o", program(name), pkg).CombinedOutput(); err != nil {
				fmt.Fprintf(os.Stderr, "build %s: %v\n%s", name, err, out)
				return 1
			}
		}
		return m.Run()
	}())
}

func program(name string) string {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join(programs, name)
}

// A bench is a directory in which penstock is run.
type bench struct {
	*testing.T
	dir string
}

func newBench(t *testing.T, configuration string) *bench {
	t.Helper()
	b := &bench{t, t.TempDir()}
	if configuration != "" {
		require.NoError(t, os.WriteFile(filepath.Join(b.dir, "configuration.json"), []byte(configuration), 0o600))
	}
	return b
}

func (b *bench) command(args ...string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(b.Context(), 2*time.Minute)
	b.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, program("penstock"), args...)
	cmd.WaitDelay = 10 * time.Second
	cmd.Dir = b.dir
	return cmd
}

// penstock runs a command line and returns what it prints, and whether it failed.
func (b *bench) penstock(args ...string) (out string, failed bool) {
	b.Helper()
	text, err := combined(b.command(args...))
	if err != nil {
		var exit *exec.ExitError
		require.ErrorAs(b, err, &exit, "%s", text)
		require.Equal(b, 1, exit.ExitCode(), "%s", text)
	}
	return text, err != nil
}

// query returns what a query finds, as CSV without its head.
func (b *bench) query(sql string) string {
	b.Helper()
	out, failed := b.penstock("query", "-format", "csv", sql)
	require.False(b, failed, out)
	_, rows, _ := strings.Cut(out, "\n")
	return strings.TrimSpace(rows)
}

func (b *bench) state() string {
	b.Helper()
	text, err := os.ReadFile(filepath.Join(b.dir, "files", "state.json"))
	require.NoError(b, err)
	return string(text)
}

// tickets is a connector that no Go is in.
func tickets(t *testing.T) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no shell of this sort")
	}
	path, err := filepath.Abs("testdata/tickets.sh")
	require.NoError(t, err)
	return path
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
		"table           upserts  updates  deletes  truncates   rows now\nhelp.tickets          4        1        1          0          3\n",
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

func TestALineThatIsNoneEndsTheSyncAndLosesNothingBeforeIt(t *testing.T) {
	b := newBench(t, `{"team":"blue"}`)
	out, failed := b.penstock("sync", "--", tickets(t))
	require.True(t, failed)
	assert.Contains(t, out, "failed: line 10 of the answer: it is not a JSON object: Traceback: something printed this")
	assert.Contains(t, out, "; 1 record after the last STATE is not kept, and comes again\n")
	assert.Equal(t, "2,0\n3,1\n9007199254740993,0", b.query("SELECT id, _fivetran_deleted FROM help.tickets ORDER BY id"))
	assert.Equal(t, `{"page":2}`, b.state())
}

func TestTheConfigurationIsCheckedBeforeTheSync(t *testing.T) {
	for configuration, want := range map[string]string{
		``:                                    "configuration.json: field team is missing; the connector has flaw, team",
		`{"team":"a","taem":"b"}`:             "field taem is unknown to the connector",
		`{"team":"${PENSTOCK_TEST_NOWHERE}"}`: "configuration.json: field team: the environment has no PENSTOCK_TEST_NOWHERE",
		`{"team":1}`:                          "configuration.json: field team is no text",
		`["team"]`:                            "configuration.json: want a JSON object of texts",
	} {
		b := newBench(t, configuration)
		out, failed := b.penstock("sync", "--", tickets(t))
		assert.True(t, failed, out)
		assert.Contains(t, out, "failed: ")
		assert.Contains(t, out, want)
		assert.NoDirExists(t, filepath.Join(b.dir, "files"))
	}
}

func TestASyncWithoutAConfigurationSaysHowToMakeOne(t *testing.T) {
	b := newBench(t, "")
	out, failed := b.penstock("sync", "--", tickets(t))
	assert.True(t, failed)
	assert.Contains(t, out, `failed: the file configuration.json does not exist: create it, as in {"team":"…"}, or name another file by -configuration; `)
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

func TestAQueryOfAnUnknownTableListsTheTables(t *testing.T) {
	b := newBench(t, "")
	out, failed := b.penstock("sync", "--", newScripted(t, map[string]string{"schema": `echo '{"schemas":{}}'`}).path)
	require.False(t, failed, out)
	out, failed = b.penstock("query", "select * from s.none")
	assert.True(t, failed)
	assert.Contains(t, out, "no such table: s.none; the warehouse has no tables yet\n")
	out, failed = b.penstock("sync", "--", newScripted(t, map[string]string{"sync": aRow}).path)
	require.False(t, failed, out)
	out, failed = b.penstock("query", "select * from s.none")
	assert.True(t, failed)
	assert.Contains(t, out, "no such table: s.none; the tables are s.t, s.u\n")
	out, failed = b.penstock("query", "select none from s.t")
	assert.True(t, failed)
	assert.NotContains(t, out, "the tables are")
}

func TestAStateThatWasEditedOrRemovedCounts(t *testing.T) {
	b := newBench(t, `{"team":"blue","flaw":"no"}`)
	path := filepath.Join(b.dir, "files", "state.json")
	edit := func(text string) { require.NoError(t, os.WriteFile(path, []byte(text), 0o600)) }
	sync := func(lines ...string) string {
		t.Helper()
		out, _ := b.penstock("sync", "--", recorded(t, `{"schemas":{}}`, lines...))
		return out
	}
	const edited, removed = "was edited: the sync begins from what it says", "was removed: the sync begins from nothing"
	assert.Contains(t, sync(`{"type":"STATE","state":{"n":1}}`), "first sync")
	require.NoError(t, os.Remove(path))
	assert.Contains(t, sync(`{"type":"STATE","state":{"n":1}}`), removed)
	assert.NotContains(t, sync(`{"type":"STATE","state":{"n":2}}`), edited)

	edit(`{"n":1}`) // as it was before
	assert.Contains(t, sync("this is no line"), edited)
	assert.Equal(t, `{"n":1}`, b.state(), "a sync that failed before its first state does not undo it")
	assert.Contains(t, sync(`{"type":"STATE","state":{"n":3}}`), edited)
	assert.Equal(t, `{"n":3}`, b.state())
	assert.NotContains(t, sync(`{"type":"STATE","state":{"n":3}}`), edited)

	require.NoError(t, os.Remove(path))
	assert.Contains(t, sync("this is no line"), removed)
	assert.NoFileExists(t, path)
	edit(`{`)
	assert.Contains(t, sync(`{"type":"STATE","state":{"n":4}}`), "want the JSON object of a state")
	edit(`{"n":5}`)
	require.NoError(t, os.Remove(filepath.Join(b.dir, "files", "warehouse.db")))
	assert.Contains(t, sync(`{"type":"STATE","state":{"n":6}}`), "the warehouse is new, and files/state.json is not")
}

func TestAConnectorThatNeverEndsIsEnded(t *testing.T) {
	_ = tickets(t)
	b := newBench(t, "")
	script := filepath.Join(b.dir, "endless.sh")
	require.NoError(t, os.WriteFile(script, []byte("#!/bin/sh\nexec yes '{}'\n"), 0o700)) //nolint:gosec // it is a program
	out, failed := b.penstock("sync", "--", script)
	assert.True(t, failed)
	assert.Contains(t, out, "the answer is longer than 64 MB, and begins")
}

func TestOneSyncAtATimeHasAWarehouse(t *testing.T) {
	b := newBench(t, `{"team":"blue","flaw":"no"}`)
	require.NoError(t, os.Mkdir(filepath.Join(b.dir, "files"), 0o755))
	lock, err := warehouse.TakeLock(filepath.Join(b.dir, "files", ".lock"))
	require.NoError(t, err)
	out, failed := b.penstock("sync", "--", tickets(t))
	assert.True(t, failed)
	assert.Contains(t, out, "another sync is under way here")
	out, failed = b.penstock("reset")
	assert.True(t, failed)
	assert.Contains(t, out, "another sync is under way here")
	require.NoError(t, lock.Release())
	out, failed = b.penstock("sync", "--", tickets(t))
	assert.False(t, failed, out)
}

func TestResetForgetsEverything(t *testing.T) {
	b := newBench(t, `{"team":"blue","flaw":"no"}`)
	b.penstock("sync", "--", tickets(t))
	b.penstock("sync", "--", tickets(t))
	out, failed := b.penstock("reset")
	require.False(t, failed, out)
	entries, err := os.ReadDir(filepath.Join(b.dir, "files"))
	require.NoError(t, err)
	assert.Empty(t, entries)
	out, failed = b.penstock("query")
	assert.True(t, failed)
	assert.Contains(t, out, "there is no warehouse")
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

func TestAnInterruptKeepsWhatTheConnectorHasToSay(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no signal that asks")
	}
	srv := httptest.NewServer(shop.New(shop.Config{APIKey: "demo", Customers: 3, Orders: 200_000}))
	t.Cleanup(srv.Close)
	b := newBench(t, fmt.Sprintf(`{"api_key":"demo","base_url":%q}`, srv.URL))
	cmd := b.command("sync", "--", program("restapi"))
	var printed output
	cmd.Stdout, cmd.Stderr = &printed, &printed
	require.NoError(t, cmd.Start())
	time.Sleep(700 * time.Millisecond)
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	require.Error(t, cmd.Wait())
	assert.Contains(t, printed.String(), "failed: interrupted\n", "the connector's last line but one is a STATE, and nothing is after it")
	assert.Equal(t, "1", b.query("SELECT count(*) > 0 FROM shop.orders"))
}

func TestDiffSaysWhatTheLastSyncChanged(t *testing.T) {
	api := shop.New(shop.Config{APIKey: "demo", Customers: 3, Orders: 100})
	srv := httptest.NewServer(api)
	t.Cleanup(srv.Close)
	b := newBench(t, fmt.Sprintf(`{"api_key":"demo","base_url":%q}`, srv.URL))
	out, failed := b.penstock("sync", "--", program("restapi"))
	require.False(t, failed, out)
	out, failed = b.penstock("diff")
	assert.True(t, failed)
	assert.Contains(t, out, "there is nothing to compare with")
	api.Touch(8)
	api.Delete(11)
	b.penstock("sync", "--", program("restapi"))
	out, failed = b.penstock("diff")
	require.False(t, failed, out)
	assert.Contains(t, out, "shop.orders: 0 rows added, 1 changed, 1 gone")
	assert.Contains(t, out, "shop.customers: 0 rows added, 0 changed, 0 gone")
	assert.Regexp(t, `(?m)^changed +9007199254741001 `, out)
	assert.Regexp(t, `(?m)^was +9007199254741001 `, out)
	assert.Regexp(t, `(?m)^gone +9007199254741004 `, out)
}

func TestPlatformNamesAreKeptByTheWarehouse(t *testing.T) {
	b := newBench(t, `{"team":"blue","flaw":"no"}`)
	b.penstock("sync", "-naming", "platform", "--", tickets(t))
	out, failed := b.penstock("sync", "--", tickets(t))
	assert.True(t, failed)
	assert.Contains(t, out, "its names are of the naming platform; reset it")
}

func TestAUsageErrorHasTheStatus2(t *testing.T) {
	b := newBench(t, "")
	for _, test := range []struct {
		args   []string
		status int
		want   string
	}{
		{nil, 2, "penstock sync [flags] -- COMMAND"},
		{[]string{"help"}, 0, "penstock sync [flags] -- COMMAND"},
		{[]string{"dance"}, 2, `there is no command "dance"; to run a connector, write: penstock sync -- dance`},
		{[]string{"./restapi", "-x"}, 2, `there is no command "./restapi"; to run a connector, write: penstock sync -- ./restapi -x`},
		{[]string{"--", "./restapi"}, 2, "the command is missing; to run a connector, write: penstock sync -- ./restapi\n"},
		{[]string{"-explain", "--", "x"}, 2, "to run a connector, write: penstock sync -explain -- x"},
		{[]string{"sync", "-dance", "--", "x"}, 2, "flag provided but not defined: -dance; penstock sync -h prints the flags"},
		{[]string{"sync", "--"}, 2, "which connector? penstock sync -- ./restapi"},
		{[]string{"watch"}, 2, "which connector? penstock watch -- ./restapi"},
		{[]string{"sync", "-naming", "mine", "--", "x"}, 2, `naming "mine" is unknown; want source or platform`},
		{[]string{"query", "a", "b"}, 2, "want one statement of SQL, in quotes, got 2 words"},
		{[]string{"query", "-h"}, 0, "the directory of warehouse.db and state.json"},
		{[]string{"reset", "now"}, 2, `unexpected argument "now"; penstock reset -h prints the usage`},
		{[]string{"help", "dance"}, 2, `there is no command "dance"`},
		{[]string{"init"}, 2, "want the name of the connector"},
		{[]string{"init", "Not A Name"}, 2, "want the name of the connector"},
		{[]string{"sync", "--", "./nowhere"}, 1, "the connector can't be started"},
		{[]string{"summary"}, 1, "there is no warehouse"},
	} {
		cmd := b.command(test.args...)
		out, _ := combined(cmd)
		assert.Equal(t, test.status, cmd.ProcessState.ExitCode(), "%v: %s", test.args, out)
		assert.Contains(t, out, test.want)
	}
}

func TestHelpIsPrintedToStandardOutput(t *testing.T) {
	b := newBench(t, "")
	help := func(args ...string) string {
		t.Helper()
		var out, errOut output
		cmd := b.command(args...)
		cmd.Stdout, cmd.Stderr = &out, &errOut
		require.NoError(t, cmd.Run(), "%v", args)
		assert.Empty(t, errOut.String(), "%v", args)
		return out.String()
	}
	overview := help("help")
	assert.Contains(t, overview, "penstock sync -- ./restapi\n")
	assert.Equal(t, overview, help("-h"))
	assert.Equal(t, overview, help("--help"))
	for _, name := range []string{"sync", "watch", "query", "diff", "summary", "reset", "init"} {
		assert.Contains(t, overview, "    penstock "+name+" [flags]")
		own := help(name, "-h")
		assert.Regexp(t, `^Usage: penstock `+name+` \[flags\].*\n\n[A-Z].*\.\n\nFlags:\n  -`, own)
		assert.Equal(t, own, help("help", name))
		assert.Equal(t, own, help(name, "--help"))
	}
	assert.Contains(t, help("sync", "-h"), "-selection file")
	assert.Contains(t, help("sync", "-h"), `(default "configuration.json")`)
}

func TestQueryWritesTablesCSVAndJSON(t *testing.T) {
	b := newBench(t, `{"team":"blue","flaw":"no"}`)
	b.penstock("sync", "--", tickets(t))
	const sql = "select id, title from help.tickets where id > 3"
	out, _ := b.penstock("query", sql)
	assert.Equal(t, "id                title\n4                 fourth\n9007199254740993  first\n2 rows\n", out)
	out, _ = b.penstock("query", "select '東京' as city, 1 as n union all select 'Oslo', 2 union all select '"+strings.Repeat("京", 30)+"', 3")
	assert.Equal(t, "city"+strings.Repeat(" ", 37)+"n\n東京"+strings.Repeat(" ", 37)+"1\nOslo"+strings.Repeat(" ", 37)+"2\n"+strings.Repeat("京", 19)+"…  3\n3 rows\n", out,
		"letters that are two wide on a terminal")
	out, _ = b.penstock("query", "-format", "json", sql)
	assert.Equal(t, `{"id":4,"title":"fourth"}`+"\n"+`{"id":9007199254740993,"title":"first"}`+"\n", out)
	out, _ = b.penstock("query", "-format", "json", `select max([id]) as id, 9e999 as "most", -9e999 as least, null as none, x'00ff' as bytes from [help.tickets]`)
	assert.Equal(t, `{"id":9007199254740993,"most":"Infinity","least":"-Infinity","none":null,"bytes":"AP8="}`+"\n", out)
	out, _ = b.penstock("query")
	assert.Regexp(t, `help\.tickets +3 +1 `, out)
	for sql, want := range map[string]string{
		"delete from help.tickets": "the statement writes",
		"select 1; select 2":       "there is more than one statement",
		"select * from help.none":  "no such table: help.none",
	} {
		out, failed := b.penstock("query", sql)
		assert.True(t, failed, sql)
		assert.Contains(t, out, want)
	}
	assert.Equal(t, "4", b.query("select count(*) from help.tickets"))
}

func TestInitMakesAProjectWhoseTestsPass(t *testing.T) {
	b := newBench(t, "")
	sdk, err := filepath.Abs("../../..")
	require.NoError(t, err)
	out, failed := b.penstock("init", "-sdk", sdk, "-module", "example.com/mine", "mine")
	require.False(t, failed, out)
	test := exec.CommandContext(t.Context(), "go", "test", "./...")
	test.Dir = filepath.Join(b.dir, "mine")
	test.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod")
	text, err := combined(test)
	require.NoError(t, err, text)
	assert.Contains(t, text, "ok  	example.com/mine")
	mod, err := os.ReadFile(filepath.Join(b.dir, "mine", "go.mod"))
	require.NoError(t, err)
	const module = "github.com/penstock-sdk/penstock"
	for _, line := range []string{module + " => " + sdk, module + "/connector/cmd/penstock => " + filepath.Join(sdk, "connector", "cmd", "penstock")} {
		assert.Contains(t, string(mod), line)
		assert.Contains(t, out, "    replace "+line+"\n")
	}
	assert.Contains(t, out, "    require "+module+" v0.0.0\n")
	assert.Contains(t, out, "    tool "+module+"/connector/cmd/penstock\n")
	assert.Contains(t, out, "go mod edit -replace=MODULE=DIRECTORY")
	assert.Contains(t, out, "go build -o mine . && go tool penstock sync -- ./mine")
	// This program was built in a checkout, which it knows.
	out, failed = b.penstock("init", "other")
	require.False(t, failed, out)
	assert.Contains(t, out, "which is the checkout in "+sdk)
	out, failed = b.penstock("init", "mine")
	assert.True(t, failed)
	assert.Contains(t, out, "mine is there already")
}
