package stdin_test

import (
	"flag"
	"os"
	"runtime"
	"strconv"
	"testing"

	"github.com/penstock-sdk/penstock/connector/internal/fixture"
)

// programs holds the connectors that this test binary can run as. It is empty except on
// Unix, because the tests that use it need Unix.
var programs = map[string]func(){}

// long enables tests that take seconds of real time or much memory:
//
//	go test ./connector/stdin -long
var long = flag.Bool("long", false, "run the tests that wait for the real deadline and grace period of a process, the test of a state of 24 MiB, and 1,000 syncs with faults of readers and disks")

// needsLong skips a test unless the flag -long is set.
func needsLong(t *testing.T) {
	t.Helper()
	if !*long {
		t.Skip("it takes seconds: run it with go test ./connector/stdin -long")
	}
}

func TestMain(m *testing.M) {
	if os.Getenv("PENSTOCK_TEST_PROGRAM") == "" { // otherwise, the arguments are those of a program
		// Most tests wait for timers and processes, so more of them than the default, which is
		// the number of processors, can run at the same time.
		flag.Parse()
		if parallel := flag.Lookup("test.parallel"); parallel.Value.String() == strconv.Itoa(runtime.GOMAXPROCS(0)) {
			if err := parallel.Value.Set(strconv.Itoa(max(4, runtime.GOMAXPROCS(0)))); err != nil {
				panic(err)
			}
		}
	}
	fixture.Main(m, programs)
}
