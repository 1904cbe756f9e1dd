package host_test

import (
	"testing"

	"github.com/penstock-sdk/penstock/connector/internal/fixture"
)

// programs holds the connectors that this test binary can run as.
var programs = map[string]func(){}

func TestMain(m *testing.M) { fixture.Main(m, programs) }
