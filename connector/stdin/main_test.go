package stdin_test

import (
	"flag"
	"testing"

	"github.com/penstock-sdk/penstock/connector/internal/fixture"
)

// programs holds the connectors that this test binary can run as. It is empty except on
// Unix, because the tests that use it need Unix.
var programs map[string]func()

// long enables tests that take seconds of real time or much memory:
//
//	go test ./connector/stdin -long
var long = flag.Bool("long", false, "run the tests that wait for the real deadline and grace period of a process, and the test of a state of 24 MiB")

// needsLong skips a test unless the flag -long is set.
func needsLong(t *testing.T) {
	t.Helper()
	if !*long {
		t.Skip("it takes seconds: run it with go test ./connector/stdin -long")
	}
}

func TestMain(m *testing.M) { fixture.Main(m, programs) }
