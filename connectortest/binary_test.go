package connectortest_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/penstock-sdk/penstock"
	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// programPrefix is the prefix of the names under which the test binary is the program
// that RunBinary starts. The rest of the name is the program's fault, or empty.
const programPrefix = "program "

func TestMain(m *testing.M) {
	name := strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe")
	if fault, ok := strings.CutPrefix(name, programPrefix); ok {
		os.Exit(runProgram(fault))
	}
	if os.Getenv(stallEnv) != "" {
		os.Exit(m.Run())
	}
	// Most tests wait for timers and processes, so more of them than the default, which
	// is the number of processors, can run at the same time.
	flag.Parse()
	if parallel := flag.Lookup("test.parallel"); parallel.Value.String() == strconv.Itoa(runtime.GOMAXPROCS(0)) {
		if err := parallel.Value.Set(strconv.Itoa(max(8, runtime.GOMAXPROCS(0)))); err != nil {
			panic(err)
		}
	}
	// By default, a program with the race detector waits for a second when it ends.
	if err := os.Setenv("GORACE", "atexit_sleep_ms=0"); err != nil {
		panic(err)
	}
	// Goroutines that a broken connector leaves behind in virtual time never end,
	// because their clock has stopped.
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/penstock-sdk/penstock/connectortest_test.(*reference).Sync"),
		goleak.IgnoreAnyFunction("github.com/penstock-sdk/penstock/connectortest_test.(*reference).Sync.func1"),
		goleak.IgnoreAnyFunction("github.com/penstock-sdk/penstock/connectortest_test.(*reference).syncAccounts"),
		goleak.IgnoreAnyFunction("github.com/penstock-sdk/penstock/connectortest_test.(*reference).syncOrders"),
		goleak.IgnoreAnyFunction("github.com/penstock-sdk/penstock/connectortest_test.(*reference).syncEvents"),
		goleak.IgnoreAnyFunction("github.com/penstock-sdk/penstock/connectortest_test.(*logReader).Sync"))
}

// slowCounter is a connector whose source is the numbers from 1 to a limit. It takes a
// millisecond for each, and may have a fault.
type slowCounter struct {
	Limit int64            `json:"limit"`
	Key   connector.Secret `json:"key"`

	fault      string
	terminated <-chan os.Signal
}

type squared struct {
	N      int64 `json:"n" schema:"primary_key"`
	Square int64 `json:"square"`
}

func (c *slowCounter) Schema(context.Context) (schema.Schema, error) {
	return schema.New("math", schema.TableOf[squared]("numbers"))
}

func (c *slowCounter) Test(context.Context) error {
	if !c.authorized() && c.fault != "a test that checks nothing" {
		return connector.Errorf(connector.Configuration, "the key is wrong")
	}
	return nil
}

func (c *slowCounter) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	c.writeSecret()
	if !c.authorized() {
		return connector.Errorf(connector.Configuration, "the key is wrong")
	}
	cursor := state.NewCursor[int64](st, "numbers", state.Sorted())
	start := max(cursor.Start(), 1)
	position := filepath.Join(filepath.Dir(os.Args[0]), "position") // the fault: only the state may hold it
	switch c.fault {
	case "a position kept in a file":
		if text, err := os.ReadFile(position); err == nil {
			start, _ = strconv.ParseInt(string(text), 10, 64)
		}
		defer func() {
			if ctx.Err() == nil {
				_ = os.Remove(position)
			}
		}()
	case "a refused row whose error is ignored":
		_ = out.Upsert("numbers", map[string]any{"n": "none"})
	case "a table that is declared during the sync": // not a fault
		found := keyed
		found.Name = "found"
		row := map[string]any{"id": 1}
		if err := errors.Join(out.Declare(found), out.Upsert("found", row), out.Update("found", row), out.Delete("found", row)); err != nil {
			return err
		}
	case "a state that grows":
		var syncs []int
		part := st.Table("numbers")
		if _, err := part.Get("syncs", &syncs); err != nil {
			return err
		}
		if err := part.Set("syncs", append(syncs, len(syncs))); err != nil {
			return err
		}
	case "a state that contains rows":
		if err := st.Table("numbers").Set("seen", strings.Repeat("1, 2, 3, ", 100)); err != nil {
			return err
		}
	}
	for n := start; n <= c.Limit; n++ {
		if n == c.Limit && c.terminated != nil { // a busy machine may send the signal late
			select {
			case <-c.terminated:
				time.Sleep(5300 * time.Millisecond)
			case <-time.After(300 * time.Millisecond):
			}
		}
		if c.fault == "a state before its records" {
			cursor.Advance(n + 5)
			if err := out.Checkpoint(); err != nil {
				return err
			}
		}
		row := squared{n, n * n}
		if c.fault == "a value taken from the clock" {
			row.Square = time.Now().UnixNano()
		}
		if err := out.Upsert("numbers", row); err != nil {
			return err
		}
		if c.fault == "a position kept in a file" {
			if err := os.WriteFile(position, strconv.AppendInt(nil, n+1, 10), 0o600); err != nil {
				return err
			}
		}
		if c.fault != "a state before its records" {
			cursor.Advance(n)
			if n%3 == 0 && c.fault != "an endless program that never writes a state" {
				if err := out.Checkpoint(); err != nil {
					return err
				}
			}
		}
		select {
		case <-c.terminated:
			time.Sleep(5300 * time.Millisecond)
		case <-time.After(time.Millisecond):
		}
	}
	if strings.HasPrefix(c.fault, endlessProgram) {
		<-ctx.Done()
		return ctx.Err()
	}
	return nil
}

// endlessProgram is not a fault. A program whose name begins like this runs until it
// is told to end.
const endlessProgram = "an endless program"

// rotatingProgram is not a fault. A program of this name is a [rotating] connector.
const rotatingProgram = "a source that replaces the refresh token"

// runProgram is the main function of the program. It returns the exit status.
func runProgram(fault string) int {
	c := &slowCounter{fault: fault}
	options := []host.Option{host.CheckpointEvery(0, 0)}
	if fault == "an endless program that writes states seldom" { // not a fault
		penstock.Main(c)
	}
	if fault == rotatingProgram { // not a fault
		penstock.Main(&rotating{}, options...)
	}
	if fault == "" {
		penstock.Main(c, options...)
	}
	signal.Ignore(syscall.SIGPIPE)
	terminated := make(chan os.Signal, 1)
	signal.Notify(terminated, syscall.SIGTERM)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	in, out := io.Reader(os.Stdin), io.Writer(os.Stdout)
	switch fault {
	case "a signal that is ignored":
		c.terminated = terminated
	case "a greeting on standard output":
		_, _ = io.WriteString(out, "hello\n")
	case "a request that is not read":
		in = strings.NewReader(`{"secrets":{"limit":3,"key":"key-0123456789"}}`)
	case "a secret that is replaced": // not a fault
		request, _ := io.ReadAll(in)
		in = strings.NewReader(string(request))
		if strings.Contains(string(request), `"secrets"`) {
			_, _ = io.WriteString(out, `{"type":"SECRETS","secrets":{"key":"key-0123456789"}}`+"\n")
		}
	case "a selection that is ignored":
		request, _ := io.ReadAll(in)
		in = strings.NewReader(strings.Replace(string(request), `"tables":`, `"nothing":`, 1))
	case "a schema without tables", "a schema that differs each time", "a column of another type", "a spec that is not a JSON Schema", "a test that fails", "a test that always succeeds":
		request, _ := io.ReadAll(in)
		in = strings.NewReader(string(request))
		const columns = `{"schemas":{"math":{"tables":{"numbers":{"columns":{"n":{"type":"LONG","primary_key":true},"square":{"type":%q}%s}}}}}}`
		for _, answer := range []struct{ fault, action, text string }{
			{"a schema without tables", `"schema"`, `{"schemas":{}}`},
			{"a schema that differs each time", `"schema"`, fmt.Sprintf(columns, "LONG", fmt.Sprintf(`,"n%d":{"type":"LONG"}`, time.Now().UnixNano()))},
			{"a column of another type", `"schema"`, fmt.Sprintf(columns, "STRING", "")},
			{"a spec that is not a JSON Schema", `"spec"`, `{}`},
			{"a test that fails", `"test"`, `{"status":"FAILURE","message":"no"}`},
			{"a test that always succeeds", `"test"`, `{"status":"SUCCESS","message":"yes"}`},
		} {
			if fault == answer.fault && strings.Contains(string(request), answer.action) {
				_, _ = io.WriteString(out, answer.text+"\n")
				return 0
			}
		}
	case "a secret in the help", "a secret as a default in the spec", "a secret in the name of a column",
		"a secret in an incomplete line", "a replaced secret on standard error":
		request, _ := io.ReadAll(in)
		in = bytes.NewReader(request)
		if out = answerWithSecret(fault, request, out); out == nil {
			return 0
		}
	case "a line cut at 4,096": // bytes, if the reader has stopped reading
		w := &pageWriter{}
		out = w
		defer w.end()
	case "a panic when the pipe is closed":
		out = writerFunc(func(p []byte) (int, error) {
			n, err := os.Stdout.Write(p)
			if err != nil {
				panic(err)
			}
			return n, nil
		})
	}
	if c.terminated == nil && fault != "an endless program that ignores the signal" {
		go func() { <-terminated; cancel() }()
	}
	if err := stdin.Serve(ctx, c, in, out, options...); err != nil && fault != "an exit status that is always 0" {
		return 1
	}
	return 0
}

// A pageWriter writes 4,096 bytes at a time, without regard to lines.
type pageWriter struct {
	mu     sync.Mutex
	buffer []byte
}

func (w *pageWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.buffer = append(w.buffer, p...)
	for len(w.buffer) >= 4096 {
		if _, err := os.Stdout.Write(w.buffer[:4096]); err != nil {
			return 0, err
		}
		w.buffer = w.buffer[4096:]
	}
	return len(p), nil
}

// end writes the rest, unless that takes long.
func (w *pageWriter) end() {
	written := make(chan struct{})
	go func() {
		defer close(written)
		w.mu.Lock()
		defer w.mu.Unlock()
		_, _ = os.Stdout.Write(w.buffer) // the program ends even if this fails
	}()
	select {
	case <-written:
	case <-time.After(2 * time.Second):
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// program returns the path of a program with a fault, or "".
func program(t *testing.T, fault string) string {
	t.Helper()
	own, err := os.Executable()
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), programPrefix+fault+".exe") // a name that is valid on every system
	if os.Link(own, path) != nil {
		text, err := os.ReadFile(own)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, text, 0o700))
	}
	return path
}

const programSecrets = `{"limit":"60","key":"key-0123456789"}`

func TestACorrectBinaryPasses(t *testing.T) {
	t.Parallel()
	connectortest.RunBinary(t, program(t, ""), []byte(programSecrets), restarts(3), connectortest.Contract("testdata/program.json", nil))
}

func TestABinaryMayReturnReplacedSecretsBeforeAnyResponse(t *testing.T) {
	t.Parallel()
	connectortest.RunBinary(t, program(t, "a secret that is replaced"), []byte(programSecrets),
		restarts(2), connectortest.Contract("testdata/program.json", nil))
}

func TestABinaryWhoseRefreshTokenIsReplacedPasses(t *testing.T) {
	t.Parallel()
	shop := httptest.NewServer(newRotatingShop())
	t.Cleanup(shop.Close)
	configuration := fmt.Sprintf(`{"base_url":%q,"client_secret":"client-0123456789","refresh_token":"refresh-0123456789"}`, shop.URL)
	connectortest.RunBinary(t, program(t, rotatingProgram), []byte(configuration), restarts(2))
}

func TestABinaryMayChangeTheRowsOfATableThatItDeclares(t *testing.T) {
	t.Parallel()
	connectortest.RunBinary(t, program(t, "a table that is declared during the sync"), []byte(programSecrets),
		restarts(2), connectortest.Contract("testdata/program.json", nil))
}

var programMutants = []mutant{
	{"a spec that is not a JSON Schema", "Spec", "Compatibility"},
	{"a schema without tables", "Schema", "Sync Incremental Resume Kill Terminate ClosedPipe Selection Determinism StateSize Compatibility"},
	{"a schema that differs each time", "Schema", ""},
	{"a test that fails", "Test", ""},
	{"a test that always succeeds", "Test", ""},
	{"a test that checks nothing", "Test", ""},
	{"a greeting on standard output", "Sync", "Spec Schema Test Incremental Resume Kill Terminate ClosedPipe Garbage Selection Secrets Determinism StateSize Compatibility"},
	{"a refused row whose error is ignored", "Sync", ""},
	{"a state that grows", "Incremental", ""},
	{"a state before its records", "Resume", "Kill Terminate"},
	{"a position kept in a file", "Kill", "Terminate ClosedPipe Selection Determinism"},
	{"a signal that is ignored", "Terminate", ""},
	{"a line cut at 4,096", "Terminate", ""},
	{"a panic when the pipe is closed", "ClosedPipe", ""},
	{"a request that is not read", "Garbage", "Spec Schema Test Sync Incremental Resume Kill Terminate ClosedPipe Selection Secrets Determinism StateSize Compatibility"},
	{"an exit status that is always 0", "Garbage", "Terminate"},
	{"a selection that is ignored", "Selection", ""},
	{"a secret on standard error", "Secrets", ""},
	{"a secret in base64 on standard error", "Secrets", ""},
	{"a secret in JSON in JSON on standard error", "Secrets", ""},
	{"a secret escaped twice for a URL on standard error", "Secrets", ""},
	{"a secret in entities on standard error", "Secrets", ""},
	{"a secret as bytes on standard error", "Secrets", ""},
	{"a truncated secret on standard error", "Secrets", ""},
	{"a replaced secret on standard error", "Secrets", ""},
	{"a secret in an incomplete line", "Secrets", ""},
	{"a secret in the help", "Secrets", ""},
	{"a secret as a default in the spec", "Secrets", ""},
	{"a secret in the name of a column", "Secrets", ""},
	{"a value taken from the clock", "Determinism", "Incremental Resume Kill Terminate Selection"},
	{"a state that contains rows", "StateSize", ""},
	{"a column of another type", "Compatibility", ""},
}

func TestABrokenBinaryIsFound(t *testing.T) {
	t.Parallel()
	for _, m := range programMutants {
		t.Run(m.fault, func(t *testing.T) {
			t.Parallel()
			findBrokenBinary(t, m, connectortest.Only(connectortest.BinaryRuleNames(), m.found))
		})
		if *long {
			t.Run(m.fault+", all rules", func(t *testing.T) {
				t.Parallel()
				findBrokenBinary(t, m)
			})
		}
	}
}

// findBrokenBinary fails unless the rule that should find the mutant does, and no
// other rule fails except those in m.also.
func findBrokenBinary(t *testing.T, m mutant, opts ...connectortest.Option) {
	t.Helper()
	if runtime.GOOS == "windows" && (m.found == "Terminate" || m.found == "ClosedPipe") {
		t.Skip("Windows has neither the signal nor the error")
	}
	opts = append(opts, connectortest.Seed(1), connectortest.Restarts(8), connectortest.StateLimit(500),
		connectortest.Contract("testdata/program.json", nil))
	reports := connectortest.RecordBinary(t.Context(), program(t, m.fault), []byte(programSecrets), opts...)
	assert.True(t, reports[m.found].Failed(), "%s did not find it", m.found)
	for name, r := range reports {
		if name != m.found && !slices.Contains(strings.Fields(m.also), name) {
			assert.False(t, r.Failed(), "%s failed, too:\n%v", name, r)
		}
	}
	t.Logf("%s:\n%v", m.found, reports[m.found])
}

func TestTheDocumentationListsTheBrokenBinaries(t *testing.T) {
	inTheDocumentation(t, "Faults of programs", programMutants)
}

func TestAMissingBinaryIsReported(t *testing.T) {
	reports := connectortest.RecordBinary(t.Context(), "testdata/none", nil)
	assert.Contains(t, reports["Spec"].String(), "start the program: ")
}

func TestOptionsThatDoNotApplyToABinaryAreReported(t *testing.T) {
	t.Parallel()
	opts := append(onlyRules(connectortest.BinaryRuleNames(), "Kill", "Compatibility"),
		connectortest.Skip("Kill", "it is not mine"), connectortest.Skip("Crash", "it is one of Run"),
		connectortest.Network(http.DefaultTransport), connectortest.Contract("testdata/program.json", &slowCounter{}))
	reports := connectortest.RecordBinary(t.Context(), program(t, ""), []byte(`{"limit":"3","key":"key-0123456789"}`), opts...)
	assert.Contains(t, reports["Kill"].Skips[0], "skipped: it is not mine")
	assert.Equal(t, "Skip: there is no subtest \"Crash\"\nthe option Network does not apply to RunBinary: it applies to Sync, Schema, Test, Run", reports[""].String())
	assert.Contains(t, reports["Compatibility"].String(), "pass nil, because the program itself returns its spec")
}
