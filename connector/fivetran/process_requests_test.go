//go:build unix

package fivetran_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding/gzip"

	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/examples/restapi/demoapi/shop"
)

func TestCompressedRequestsAreAnswered(t *testing.T) {
	t.Parallel()
	_, configuration := serveShop(t, shop.Config{Customers: 20, Orders: 1000})
	server := serveBuilt(t, "restapi")
	plain := dial(t, server.address)
	compressed := dial(t, server.address, grpc.WithDefaultCallOptions(grpc.UseCompressor(gzip.Name)))
	assert.Empty(t, compressed.test(t, configuration))
	known := compressed.schema(t, configuration)
	assert.Equal(t, plain.schema(t, configuration), known)
	got, want := newWarehouse(known), newWarehouse(known)
	got.syncWhole(t, compressed, configuration)
	want.syncWhole(t, plain, configuration)
	got.wantTables(t, want)
	assert.Equal(t, 980, got.counts()["orders"])
}

func TestRequestsOfUpTo128MBAreRead(t *testing.T) {
	needsLong(t, "it takes a gigabyte of memory")
	server := serveProgram(t, "mixed")
	client := dial(t, server.address)
	request := (&protocol.TestRequest{Configuration: map[string]string{"kind": "defect", "other": strings.Repeat("a", 127<<20)}}).Append(nil)
	_, err := client.call(t.Context(), protocol.MethodTest, request)
	require.NoError(t, err)
	request = append(request, make([]byte, 2<<20)...)
	_, err = client.call(t.Context(), protocol.MethodTest, request)
	wantStatus(t, err, codes.ResourceExhausted, "larger than max")
	compressed := dial(t, server.address, grpc.WithDefaultCallOptions(grpc.UseCompressor(gzip.Name)))
	_, err = compressed.call(t.Context(), protocol.MethodTest, request)
	wantStatus(t, err, codes.ResourceExhausted, "larger than max")
	assert.NotEmpty(t, client.test(t, nil), "the server still answers")
}

func TestRequestsAreAnsweredAtTheSameTime(t *testing.T) {
	t.Parallel()
	_, configuration := serveShop(t, shop.Config{Customers: 20, Orders: 3000})
	server := serveBuilt(t, "restapi")
	client := dial(t, server.address)
	known := client.schema(t, configuration)
	first, second := newWarehouse(known), newWarehouse(known)
	stream := client.sync(t, configuration, "")
	m, err := stream.next(t) // the first sync waits for its client from here on
	require.NoError(t, err)
	first.take(t, m)
	wrong := map[string]string{"api_key": "wrong-key-0123456789", "base_url": configuration["base_url"]}
	var others sync.WaitGroup
	others.Go(func() { assert.Empty(t, client.test(t, configuration)) })
	others.Go(func() { assert.Contains(t, client.test(t, wrong), "401 Unauthorized") })
	second.syncWhole(t, client, configuration)
	others.Wait()
	require.NoError(t, stream.rest(t, func(m *protocol.UpdateResponse) { first.take(t, m) }))
	first.wantTables(t, second)
	assert.Equal(t, 2940, first.counts()["orders"])
}
