package singer_test

import (
	"testing"

	"github.com/penstock-sdk/penstock/connector/internal/fixture"
)

// programs holds the connectors that this test binary can run as. It is empty except on
// Unix, because the tests that use it need Unix.
var programs map[string]func()

func TestMain(m *testing.M) { fixture.Main(m, programs) }
