package main_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connectortest/fakeapi"
)

// Each run of the connector uses up its refresh token, so a single new value that is not
// stored locks it out.
func TestSyncsOfASourceThatReplacesItsRefreshTokenNeverLockThemselvesOut(t *testing.T) {
	t.Parallel()
	type order struct {
		ID int64 `json:"id"`
	}
	api := fakeapi.New(t, fakeapi.Collection("/orders", []order{{1}, {2}, {3}}, fakeapi.PageSize(2), fakeapi.ByPage("page", "per_page")),
		fakeapi.OAuth("/token", "id", "client-0123456789", fakeapi.RefreshToken("refresh-0123456789"), fakeapi.ExpiresIn(time.Minute)))
	srv := httptest.NewServer(api)
	t.Cleanup(srv.Close)
	b := newBench(t, fmt.Sprintf("{\n\t\"base_url\": %q,\n\t\"client_secret\": \"client-0123456789\",\n\t\"refresh_token\": \"refresh-0123456789\"\n}\n", srv.URL))
	stored := func() string {
		text, err := os.ReadFile(filepath.Join(b.dir, "configuration.json"))
		require.NoError(t, err)
		var configuration struct {
			Token string `json:"refresh_token"`
		}
		require.NoError(t, json.Unmarshal(text, &configuration))
		return configuration.Token
	}
	for n := range 3 {
		out, failed := b.penstock("sync", "--", program("rotating"))
		require.False(t, failed, out)
		assert.Equal(t, api.RefreshToken(), stored())
		assert.GreaterOrEqual(t, api.TokensIssued(), 3*(n+1), "test, schema and sync each replace it")
		assert.NotContains(t, out, "0123456789")
		assert.NotContains(t, out, stored())
		assert.NotContains(t, out, "warning")
	}
	assert.Equal(t, "3", b.query("SELECT count(*) FROM shop.orders"))

	api.RevokeRefreshToken()
	out, failed := b.penstock("sync", "--", program("rotating"))
	assert.True(t, failed)
	assert.Contains(t, out, "the refresh token is no longer valid: connect the account again")
	assert.NotContains(t, out, stored())
}
