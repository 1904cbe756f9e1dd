package secretmatrix_test

import (
	"flag"
	"testing"

	"github.com/penstock-sdk/penstock/connector/internal/fixture"
)

var long = flag.Bool("long", false, "test every kind of secret in every spelling in a run, and a part of the spellings at each wire, client and recording, instead of a sample")

// programs holds the connectors that this test binary can run as.
var programs map[string]func()

func TestMain(m *testing.M) { fixture.Main(m, programs) }
