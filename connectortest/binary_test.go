package connectortest_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/state"
)

// programEnv makes the tests' own binary the program that RunBinary starts. Its
// value is the program's fault, or "".
const programEnv = "CONNECTORTEST_PROGRAM"

func TestMain(m *testing.M) {
	if fault, ok := os.LookupEnv(programEnv); ok {
		os.Exit(runProgram(fault))
	}
	// In virtual time, what a broken connector leaves behind stays: its clock
	// has stopped.
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/penstock-sdk/penstock/connectortest_test.(*reference).Sync"),
		goleak.IgnoreAnyFunction("github.com/penstock-sdk/penstock/connectortest_test.(*reference).Sync.func1"),
		goleak.IgnoreAnyFunction("github.com/penstock-sdk/penstock/connectortest_test.(*reference).syncAccounts"),
		goleak.IgnoreAnyFunction("github.com/penstock-sdk/penstock/connectortest_test.(*reference).syncOrders"),
		goleak.IgnoreAnyFunction("github.com/penstock-sdk/penstock/connectortest_test.(*reference).syncEvents"))
}

// slowCounter is a counter that takes its time, and may have a fault.
type slowCounter struct {
	counter
	hasty bool
	told  <-chan os.Signal
}

func (c *slowCounter) Sync(_ context.Context, st state.State, out connector.Emitter) error {
	cursor := state.NewCursor[int64](st, "numbers", state.Sorted())
	for n := max(cursor.Start(), 1); n <= c.Limit; n++ {
		if c.hasty {
			cursor.Advance(n + 5)
			if err := out.Checkpoint(st); err != nil {
				return err
			}
		}
		if err := out.Upsert("numbers", number{n}); err != nil {
			return err
		}
		if !c.hasty {
			cursor.Advance(n)
			if err := out.Checkpoint(st); err != nil {
				return err
			}
		}
		select {
		case <-c.told:
			time.Sleep(6 * time.Second)
		case <-time.After(time.Millisecond):
		}
	}
	return nil
}

// runProgram is the main function of the program. It returns the exit status.
func runProgram(fault string) int {
	c := &slowCounter{hasty: fault == "a state before its records"}
	options := []connector.Option{connector.CheckpointEvery(0, 0)}
	if fault == "" {
		connector.Main(c, options...)
	}
	signal.Ignore(syscall.SIGPIPE)
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGTERM)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	in, out := io.Reader(os.Stdin), io.Writer(os.Stdout)
	switch fault {
	case "a signal that nobody heeds":
		c.told = told
	case "a greeting on standard output":
		_, _ = io.WriteString(out, "hello\n")
	case "a request that is not read":
		in = strings.NewReader(`{"secrets":{"limit":3}}`)
	case "a schema without tables", "a schema that differs each time", "a spec that is none", "a test that fails":
		request, _ := io.ReadAll(in)
		in = strings.NewReader(string(request))
		for _, answer := range []struct{ fault, action, text string }{
			{"a schema without tables", `"schema"`, `{"schemas":{}}`},
			{"a schema that differs each time", `"schema"`, fmt.Sprintf(
				`{"schemas":{"math":{"tables":{"numbers":{"columns":{"n":{"type":"LONG","primary_key":true},"n%d":{"type":"LONG"}}}}}}}`, time.Now().UnixNano())},
			{"a spec that is none", `"spec"`, `{}`},
			{"a test that fails", `"test"`, `{"status":"FAILURE","message":"no"}`},
		} {
			if fault == answer.fault && strings.Contains(string(request), answer.action) {
				_, _ = io.WriteString(out, answer.text+"\n")
				return 0
			}
		}
	case "a panic where the pipe is closed":
		out = writerFunc(func(p []byte) (int, error) {
			n, err := os.Stdout.Write(p)
			if err != nil {
				panic(err)
			}
			return n, nil
		})
	}
	if c.told == nil {
		go func() { <-told; cancel() }()
	}
	if err := connector.Run(ctx, c, in, out, options...); err != nil && fault != "an exit status that is always 0" {
		return 1
	}
	return 0
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func program(t *testing.T, fault string) string {
	t.Helper()
	path, err := os.Executable()
	require.NoError(t, err)
	t.Setenv(programEnv, fault)
	t.Setenv("GORACE", "atexit_sleep_ms=0") // or each process would last for a second
	return path
}

func TestACorrectBinaryPasses(t *testing.T) {
	connectortest.RunBinary(t, program(t, ""), []byte(`{"limit":"60"}`))
}

func TestABrokenBinaryIsFound(t *testing.T) {
	everything := "Spec Schema Test Sync Kill Terminate ClosedPipe Garbage"
	for _, m := range []mutant{
		{"a spec that is none", "Spec", ""},
		{"a schema without tables", "Schema", "Sync Kill Terminate ClosedPipe"},
		{"a schema that differs each time", "Schema", ""},
		{"a test that fails", "Test", ""},
		{"a greeting on standard output", "Sync", everything},
		{"a state before its records", "Kill", "Terminate"},
		{"a signal that nobody heeds", "Terminate", ""},
		{"a panic where the pipe is closed", "ClosedPipe", ""},
		{"a request that is not read", "Garbage", everything},
		{"an exit status that is always 0", "Garbage", "Terminate"},
	} {
		t.Run(m.fault, func(t *testing.T) {
			if runtime.GOOS == "windows" && (m.found == "Terminate" || m.found == "ClosedPipe") {
				t.Skip("Windows has neither the signal nor the pipe")
			}
			reports := connectortest.RecordBinary(t.Context(), program(t, m.fault), []byte(`{"limit":"60"}`))
			assert.True(t, reports[m.found].Failed(), "%s did not find it", m.found)
			for name, r := range reports {
				if name != m.found && !slices.Contains(strings.Fields(m.also), name) {
					assert.False(t, r.Failed(), "%s failed, too:\n%v", name, r)
				}
			}
			t.Logf("%s:\n%v", m.found, reports[m.found])
		})
	}
}

func TestABinaryThatIsNotThereIsSaid(t *testing.T) {
	reports := connectortest.RecordBinary(t.Context(), "testdata/none", nil)
	assert.Contains(t, reports["Spec"].String(), "the program can't be started")
}

func TestABinarysOptionsAreKnown(t *testing.T) {
	reports := connectortest.RecordBinary(t.Context(), program(t, ""), []byte(`{"limit":"3"}`),
		connectortest.Skip("Kill", "it is not mine"), connectortest.Skip("Crash", "it is one of Run"), connectortest.Seed(1))
	assert.Contains(t, reports["Kill"].Skips[0], "skipped: it is not mine")
	assert.Equal(t, "Skip: there is no subtest \"Crash\"\nthe option Seed is one of Run, not of RunBinary", reports[""].String())
}
