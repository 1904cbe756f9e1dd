package shop_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type order struct {
	ID         int64     `json:"id"`
	CustomerID int64     `json:"customer_id"`
	Status     string    `json:"status"`
	Total      string    `json:"total"`
	UpdatedAt  time.Time `json:"updated_at"`
	Deleted    bool      `json:"deleted"`
	Tags       []string  `json:"tags"`
	Shipping   struct{ City string }
	Items      []struct {
		Line     int
		SKU      string
		Quantity int64
		Price    string
	}
}

type client struct {
	t   *testing.T
	url string
}

func serve(t *testing.T, s http.Handler) client {
	t.Helper()
	srv := httptest.NewServer(s)
	t.Cleanup(func() { srv.Close(); http.DefaultClient.CloseIdleConnections() })
	return client{t, srv.URL}
}

// get sends a request and returns the response with its body. The error is that of reading
// the body.
func (c client) get(method, path, key string) (*http.Response, []byte, error) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, nil)
	require.NoError(c.t, err)
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(c.t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp, body, err
}

// walk returns the orders of all pages. It calls between after each page.
func (c client) walk(path string, between func(page int)) (all []order, pages int) {
	c.t.Helper()
	for next := &path; next != nil; pages++ {
		_, body, err := c.get(http.MethodGet, *next, "k")
		require.NoError(c.t, err)
		var page struct {
			Data []order
			Next *string
		}
		require.NoError(c.t, json.Unmarshal(body, &page), string(body))
		all = append(all, page.Data...)
		next = page.Next
		between(pages)
	}
	return all, pages
}

func nothing(int) {}

// page returns the body of a successful response.
func (c client) page(path string) string {
	c.t.Helper()
	resp, body, err := c.get(http.MethodGet, path, "k")
	require.NoError(c.t, err)
	require.Equal(c.t, http.StatusOK, resp.StatusCode, string(body))
	return string(body)
}

// fault sends a request and returns how it failed, or "".
func (c client) fault(path string) string {
	c.t.Helper()
	resp, body, err := c.get(http.MethodGet, path, "k")
	switch {
	case err != nil:
		assert.ErrorIs(c.t, err, io.ErrUnexpectedEOF)
		assert.NotEmpty(c.t, body)
		assert.Less(c.t, int64(len(body)), resp.ContentLength)
		assert.Equal(c.t, http.StatusOK, resp.StatusCode)
		return "cut"
	case resp.StatusCode == http.StatusOK:
		return ""
	case resp.StatusCode == http.StatusTooManyRequests:
		assert.Equal(c.t, "1", resp.Header.Get("Retry-After"))
	default:
		assert.Contains(c.t, []int{500, 503}, resp.StatusCode)
	}
	assert.Regexp(c.t, `^{"error":"[a-z ]+"}$`, string(body))
	return resp.Status
}
