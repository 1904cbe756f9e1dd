package hosttest_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNoConnectorCompilesTheRules(t *testing.T) {
	t.Parallel()
	const module = "github.com/penstock-sdk/penstock"
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", module).Output()
	require.NoError(t, err)
	compiled := strings.Fields(string(out))
	assert.Contains(t, compiled, module+"/connector/host")
	assert.NotContains(t, compiled, module+"/connector/host/hosttest")
	assert.NotContains(t, compiled, "testing")
}
