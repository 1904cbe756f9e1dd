package bridge

import (
	"bytes"
	"context"
	"encoding/json"
	"io"

	"github.com/penstock-sdk/penstock/connector/stdin"
)

// A request is a request of the stdin protocol, as Fivetran would send it.
type request struct {
	*stdin.Request
	configuration map[string]string
	state         string // "{}" for a first sync
}

// readRequest reads a request.
func readRequest(ctx context.Context, in io.Reader) (*request, error) {
	decoded, err := stdin.ReadRequest(ctx, in)
	if err != nil {
		return nil, err
	}
	req := &request{Request: decoded, state: "{}"}
	if req.configuration, err = configurationOf(decoded.Secrets); err != nil {
		return nil, err
	}
	if decoded.State != nil {
		req.state, err = compact(decoded.State)
	}
	return req, err
}

// compact returns a JSON value on one line.
func compact(value []byte) (string, error) {
	var b bytes.Buffer
	if err := json.Compact(&b, value); err != nil {
		return "", err
	}
	return b.String(), nil
}
