package fivetran_test

import (
	"flag"
	"os"
	"runtime"
	"strconv"
	"testing"

	"go.uber.org/goleak"

	"github.com/penstock-sdk/penstock/connector/internal/fixture"
)

// programs holds the programs that this test binary can run as. It is empty except on Unix,
// because the tests that use it need Unix.
var programs = map[string]func(){}

// For a longer test:
//
//	go test ./connector/fivetran -long
var (
	long  = flag.Bool("long", false, "run the tests that take seconds of real time or much memory, with 100 kills")
	kills = flag.Int("kills", 0, "the number of kills for each kind of platform; 0 is 2, or 100 with -long")
)

// needsLong skips a test unless the flag -long is set.
func needsLong(t *testing.T, why string) {
	t.Helper()
	if !*long {
		t.Skip(why + ": run it with go test ./connector/fivetran -long")
	}
}

func TestMain(m *testing.M) {
	if os.Getenv("PENSTOCK_TEST_PROGRAM") != "" { // the arguments are those of a program
		fixture.Main(m, programs)
		return
	}
	flag.Parse()
	// Most tests wait for processes, so more of them than there are processors can run at the
	// same time.
	if parallel := flag.Lookup("test.parallel"); parallel.Value.String() == strconv.Itoa(runtime.GOMAXPROCS(0)) {
		if err := parallel.Value.Set(strconv.Itoa(max(6, runtime.GOMAXPROCS(0)))); err != nil {
			panic(err)
		}
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(status int) {
		_ = os.RemoveAll(builds)
		os.Exit(status)
	}))
}

// builds is the directory of the programs that tests have built, or "".
var builds string
