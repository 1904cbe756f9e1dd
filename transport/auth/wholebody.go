package auth

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
)

// maxTokenBody is the maximum number of bytes that are read of the response of a token
// endpoint. Package oauth2 reads no more.
const maxTokenBody = 1 << 20

// A wholeBody is a round tripper that reads the body of each response. If the
// connection breaks in the middle of a body, the request fails as if it had broken
// before. Package oauth2 would report a failure that cannot be told from others.
type wholeBody struct{ network http.RoundTripper }

func (w wholeBody) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := w.network.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxTokenBody))
	if err != nil {
		return nil, fmt.Errorf("read the response: %w", err)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}
