package bridge_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// envChild makes the test binary a source that never listens.
const envChild = "BRIDGE_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(envChild) != "" {
		fmt.Println("started with", os.Args[1])
		time.Sleep(time.Hour)
	}
	goleak.VerifyTestMain(m)
}
