package auth_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport/auth"
)

func TestBasicSendsTheUserNameAndPasswordInBase64(t *testing.T) {
	header, err := sentHeader(t, auth.Basic("user", "pass"))
	require.NoError(t, err)
	assert.Equal(t, "Basic dXNlcjpwYXNz", header.Get("Authorization"))
}
