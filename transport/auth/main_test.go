package auth_test

import (
	"context"
	"net/http"
	"testing"

	"go.uber.org/goleak"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var ctx = context.Background()

// sentHeader returns the header of a request that is sent with an Auth, or nil if no
// request is sent.
func sentHeader(t *testing.T, auth transport.Auth) (header http.Header, err error) {
	t.Helper()
	client := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) { header = r.Header }, transport.WithAuth(auth))
	_, err = client.Do(ctx, transport.Request{})
	return header, err
}
