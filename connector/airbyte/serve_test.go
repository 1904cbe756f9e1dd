package airbyte_test

import (
	"bytes"
	"flag"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/airbyte"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
)

func TestServeLeavesWhatDescribesAProcessToTheProcess(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"help"}, {"read", "-h"}} {
		var out bytes.Buffer
		require.ErrorIs(t, airbyte.Serve(t.Context(), &fixture.Shop{}, args, &out, fixture.Quiet), flag.ErrHelp)
		assert.Empty(t, out.String())
	}
	for _, args := range [][]string{{"--version"}, {"nonsense"}, {}} {
		var out bytes.Buffer
		require.ErrorIs(t, airbyte.Serve(t.Context(), &fixture.Shop{}, args, &out, fixture.Quiet), connector.Configuration)
		assert.Empty(t, out.String())
	}
}
