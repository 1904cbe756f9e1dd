package fivetran_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/status"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/fivetran"
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/schema"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares lines with those of a file in testdata.
func golden(t *testing.T, name string, lines []string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	text := strings.Join(lines, "\n") + "\n"
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), text)
}

// The bytes of a message depend on nothing but the operation.
func TestTheBytesOfEachMessage(t *testing.T) {
	t.Parallel()
	for _, d := range []fivetran.Dialect{fivetran.PartnerSDK, fivetran.ConnectorSDK} {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			c := served(t, &scripted{tables: []*schema.Table{everyType()}, sync: everyOperation}, d)
			lines := []string{"# The answers to each request, as hexadecimal bytes."}
			for _, m := range []struct {
				method  string
				request []byte
			}{
				{protocol.MethodForm, nil},
				{protocol.MethodTest, (&protocol.TestRequest{Name: "connection"}).Append(nil)},
				{protocol.MethodSchema, nil},
			} {
				raw, err := c.call(t.Context(), m.method, m.request)
				require.NoError(t, err)
				lines = append(lines, fmt.Sprintf("%s %x", m.method, raw))
			}
			stream := c.sync(t, nil, "")
			for {
				var raw []byte
				err := stream.stream.RecvMsg(&raw)
				if err != nil {
					s := status.Convert(err)
					lines = append(lines, fmt.Sprintf("status %s %s", s.Code(), s.Message()))
					break
				}
				lines = append(lines, fmt.Sprintf("%s %x", shape(parsedUpdate(t, raw)), raw))
			}
			golden(t, d.String()+".txt", lines)
		})
	}
}

// everyOperation delivers one operation of each kind. It begins each message.
func everyOperation(_ context.Context, out connector.Emitter) error {
	row := json.RawMessage(`{"id":1,"boolean":true,"short":2,"int":3,"long":4,"float":0.5,"double":0.25,"decimal":"1.10","naive_date":"2026-03-14",` +
		`"naive_datetime":"2026-03-14T15:09:26","utc_datetime":"2026-03-14T15:09:26.5Z","binary":"AP8=","xml":"<a/>","string":"é","json":{"a":1},"other":null}`)
	for _, step := range []func() error{
		func() error { return out.Truncate("types") },
		func() error { return out.Upsert("types", row) },
		out.Checkpoint,
		func() error { return out.Update("types", json.RawMessage(`{"id":1,"string":"x"}`)) },
		func() error { return out.Warn("be careful") },
		func() error { return out.Delete("types", json.RawMessage(`{"id":1}`)) },
		func() error {
			return out.Declare(schema.Table{Schema: "shop", Name: "more", Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}})
		},
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return connector.Errorf(connector.Configuration, "no access")
}
