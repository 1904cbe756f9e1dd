package host_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// program is what the test binary is where a test runs it as a connector's
// program. It is there on Unix only, with the signals that it is tested with.
var program func()

func TestMain(m *testing.M) {
	if os.Getenv("PENSTOCK_TEST_PROGRAM") != "" {
		program()
		return
	}
	goleak.VerifyTestMain(m)
}
