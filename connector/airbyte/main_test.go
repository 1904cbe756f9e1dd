package airbyte_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// binaries maps names to the connectors that this test binary can run as. It is empty
// except on Unix, because the tests that use it need Unix.
var binaries map[string]func()

// TestMain runs the test binary as a connector if a test started it as one. Otherwise,
// it runs the tests and checks that they leave no goroutine behind.
func TestMain(m *testing.M) {
	if name := os.Getenv("PENSTOCK_TEST_BINARY"); name != "" {
		binaries[name]()
		return
	}
	goleak.VerifyTestMain(m)
}
