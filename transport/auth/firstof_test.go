package auth_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport/auth"
)

func TestFirstOfUsesTheFirstKindThatIsConfigured(t *testing.T) {
	header, err := sentHeader(t, auth.FirstOf(auth.Bearer(""), auth.Basic("", ""), auth.HeaderKey("X-K", "v"), auth.None()))
	require.NoError(t, err)
	assert.Equal(t, "v", header.Get("X-K"))
}

func TestFirstOfWithNoneLastSendsRequestsWithoutCredentials(t *testing.T) {
	header, err := sentHeader(t, auth.FirstOf(auth.Bearer(""), auth.None()))
	require.NoError(t, err)
	assert.NotNil(t, header, "the request is sent")
	assert.Empty(t, header.Get("Authorization"))
}
