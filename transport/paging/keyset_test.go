package paging_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
	"github.com/penstock-sdk/penstock/transport/paging"
)

func TestKeysetReadsTheRecordsAfterTheLastKey(t *testing.T) {
	c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		at := number(r, "since_id")
		transporttest.WriteItems(w, at+1, min(at+2, 5), "")
	})
	req := transport.Request{RecordsAt: "data"}
	got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, c, req, paging.Keyset{KeyAt: "id", Param: "since_id"}))
	require.NoError(t, err)
	assert.Equal(t, transporttest.UpTo(5), transporttest.IDs(got))
	_, err = transporttest.Collect(transport.Records[transporttest.Item](ctx, c, req, paging.Keyset{KeyAt: "key", Param: "since_id"}))
	assert.ErrorContains(t, err, "the last record has no key")

	// The source ignores the parameter.
	_, err = transporttest.Collect(transport.Records[transporttest.Item](ctx, c, req, paging.Keyset{KeyAt: "id", Param: "after"}))
	assert.ErrorIs(t, err, transport.ErrPageLoop)
}
