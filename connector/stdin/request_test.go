package stdin_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/stdin"
)

func ExampleReadRequest() {
	in := strings.NewReader(`{"secrets":{"api_key":"k"},"selection":{"action":"schema"}}`)
	req, err := stdin.ReadRequest(context.Background(), in)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(req.Action, string(req.Secrets))
	// Output: schema {"api_key":"k"}
}

func TestARequestIsReadWhole(t *testing.T) {
	req, err := stdin.ReadRequest(t.Context(), strings.NewReader("{}"))
	require.NoError(t, err)
	assert.Equal(t, &stdin.Request{Action: stdin.ActionSync}, req)

	req, err = stdin.ReadRequest(t.Context(), strings.NewReader("\uFEFF"+`
		{"zone":1, "state":{"cursor": 12345678901234567890}, "secrets":null, "region":2,
		 "selection":{"action":null, "color":1, "tables":{"shop":{"orders":false}}}} `))
	require.NoError(t, err)
	assert.Equal(t, stdin.ActionSync, req.Action)
	assert.Nil(t, req.Secrets)
	assert.Equal(t, `{"cursor": 12345678901234567890}`, string(req.State), "with all its digits")
	assert.Equal(t, []string{"region", "selection.color", "zone"}, req.Unknown)
	want, err := stdin.ParseSelection([]byte(`{"shop":{"orders":false}}`))
	require.NoError(t, err)
	assert.Equal(t, want, req.Selection)
	assert.NotEqual(t, host.Selection{}, req.Selection)
}

func TestARequestThatCannotBeReadIsAnErrorOfItsKind(t *testing.T) {
	_, err := stdin.ReadRequest(t.Context(), strings.NewReader(`{"secrets":{"api_key":"key-0123456789"}`))
	assert.Equal(t, connector.Configuration, connector.KindOf(err))
	require.ErrorContains(t, err, "request: it ends in the middle of the JSON object")
	assert.NotContains(t, err.Error(), "key-0123456789")

	broken := errors.New("broken pipe")
	_, err = stdin.ReadRequest(t.Context(), io.MultiReader(strings.NewReader("{"), failing{broken}))
	require.ErrorIs(t, err, broken)
	assert.Equal(t, connector.Interrupted, connector.KindOf(err))
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestReadingARequestEndsWithTheContext(t *testing.T) {
	in, w := io.Pipe()
	defer func() { require.NoError(t, w.Close()) }()
	ended := errors.New("ended")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(ended)
	_, err := stdin.ReadRequest(ctx, in)
	require.ErrorIs(t, err, ended)
}
