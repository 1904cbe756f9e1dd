package stdin_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// binaries are the connectors that this test binary can be, by name. What they
// are tested with is there on Unix alone, and so are they.
var binaries map[string]func()

// TestMain makes the test binary a connector's binary where a test runs it as
// one, and otherwise looks for goroutines that the tests left.
func TestMain(m *testing.M) {
	if name := os.Getenv("PENSTOCK_TEST_BINARY"); name != "" {
		binaries[name]()
		return
	}
	goleak.VerifyTestMain(m)
}
