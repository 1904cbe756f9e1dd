package host_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// program is the main function of the test binary when a test runs it as a
// connector's program. It is set only on Unix, where the tests send signals.
var program func()

func TestMain(m *testing.M) {
	if os.Getenv("PENSTOCK_TEST_PROGRAM") != "" {
		program()
		return
	}
	goleak.VerifyTestMain(m)
}
