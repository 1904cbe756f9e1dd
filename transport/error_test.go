package transport_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/retry"
)

// teapot is a source that repeats the credentials of a request in its response.
func teapot(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/ok":
		return
	case "/teapot":
		w.WriteHeader(http.StatusTeapot)
		fmt.Fprintf(w, "no coffee for %s\n\n%s", r.Header.Get("Authorization"), strings.Repeat("é", 500))
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func TestA404BeforeAnySuccessIsAConfigurationError(t *testing.T) {
	c := serve(t, teapot)
	_, err := c.Do(ctx, transport.Request{Path: "/orders"})
	assert.True(t, asError(t, err).Configuration(), "the base URL may be wrong")
	_, err = c.Do(ctx, transport.Request{Path: "/ok"})
	require.NoError(t, err)
	_, err = c.Do(ctx, transport.Request{Path: "/orders"})
	assert.False(t, asError(t, err).Configuration())
}

func TestAnErrorDescribesTheRequestAndTheResponseWithoutSecrets(t *testing.T) {
	c := serve(t, teapot, transport.WithAuth(auth.Bearer("s3cret+token")))
	_, err := c.Do(ctx, transport.Request{Path: "/teapot", Query: url.Values{
		"since": {"2024"}, "api_key": {"abc"}, "page_token": {"p1"}, "x": {"s3cret+token"}, "X-Amz-Signature": {"sig9"},
	}})
	e := asError(t, err)
	assert.Equal(t, 418, e.Status)
	assert.Equal(t, 1, e.Attempts)
	assert.LessOrEqual(t, len(e.Body), 200)
	assert.True(t, strings.HasPrefix(e.Body, "no coffee for Bearer [redacted] é"), e.Body)
	assert.Contains(t, e.URL, "since=2024")
	assert.Contains(t, e.URL, "page_token=p1")
	for _, secret := range []string{"s3cret", "abc", "sig9"} {
		assert.NotContains(t, err.Error(), secret)
	}
	assert.Contains(t, err.Error(), "418 I'm a teapot")
}

func TestTheStatusDeterminesTheKindOfAnError(t *testing.T) {
	for status, want := range map[int]string{400: "defect", 401: "configuration", 403: "configuration", 409: "defect", 422: "defect", 501: "defect",
		408: "temporary", 425: "temporary", 429: "temporary", 500: "temporary", 502: "temporary", 503: "temporary", 504: "temporary", 304: "defect"} {
		c := serve(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(status) }, transport.WithRetry(retry.Policy{Attempts: 1}))
		_, err := c.Do(ctx, transport.Request{})
		assert.Equal(t, want, kindName(asError(t, err)), status)
	}
}

func TestAWebPageIsAConfigurationErrorUntilARequestHasSucceeded(t *testing.T) {
	n := 0
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if n++; n == 2 || n == 3 {
			_, _ = io.WriteString(w, "<html>")
			return
		}
		_, _ = io.WriteString(w, "1")
	})
	_, err := transport.Get[int](ctx, c, transport.Request{})
	require.NoError(t, err)
	_, err = transport.Get[int](ctx, c, transport.Request{})
	assert.Equal(t, "defect", kindName(asError(t, err)))
	assert.Equal(t, "<html>", asError(t, err).Body)

	c = serve(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "<html>") })
	_, err = transport.Get[int](ctx, c, transport.Request{})
	assert.Equal(t, "configuration", kindName(asError(t, err)))
}

func TestASecretIsHiddenInAnErrorOfTheNetwork(t *testing.T) {
	cause := errors.New("cause")
	c, err := transport.New("https://h", transport.WithLogger(quiet), transport.WithAuth(auth.QueryKey("k", "s3cret")), transport.WithRetry(retry.Policy{Attempts: 1}),
		transport.WithRoundTripper(trips(func(r *http.Request) (*http.Response, error) {
			return nil, fmt.Errorf("cannot reach %v: %w", r.URL, cause)
		})))
	require.NoError(t, err)
	_, err = c.Do(ctx, transport.Request{Path: "/x"})
	assert.ErrorIs(t, err, cause)
	assert.EqualError(t, err, "GET https://h/x: cannot reach https://h/x?k=[redacted]: cause")
	for e := err; e != nil; e = errors.Unwrap(e) {
		assert.NotContains(t, e.Error(), "s3cret")
	}
}

func TestASecretAtTheEndOfAShortenedTextIsHidden(t *testing.T) {
	const secret = "s3cret-value-of-some-length"
	// respond is a source whose response repeats the secret, at any distance from its beginning.
	before := 0
	respond := func(w http.ResponseWriter, r *http.Request) {
		text := strings.Repeat("x", before) + secret
		switch r.URL.Path {
		case "/refused":
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, text+strings.Repeat("y", 300))
		case "/reported":
			fmt.Fprintf(w, `{"error":%q}`, text)
		case "/page":
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<p>"+text)
		}
	}
	c := inMemory(t, respond, transport.WithAuth(auth.Bearer(secret)))
	for ; before < 210; before++ {
		_, refused := c.Do(ctx, transport.Request{Path: "/refused"})
		require.Error(t, refused)
		assert.NotContains(t, refused.Error(), "s3cr")
		assert.LessOrEqual(t, len(asError(t, refused).Body), 200)
		_, reported := c.Do(ctx, transport.Request{Path: "/reported", ErrorAt: "error"})
		assert.ErrorIs(t, reported, transport.ErrReported)
		assert.NotContains(t, reported.Error(), "s3cr")
		_, page := collect(transport.Stream[item](ctx, c, transport.Request{Path: "/page"}, format.CSV{}))
		assert.ErrorIs(t, page, transport.ErrNotJSON)
		assert.NotContains(t, page.Error(), "s3cr")
	}
}

func TestAnErrorMayBeTheWholeBody(t *testing.T) {
	for body, isError := range map[string]bool{`"no such table"`: true, `{"code":7}`: true, `null`: false, `{}`: false, `[]`: false, `false`: false} {
		c := inMemory(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, body) })
		_, err := c.Do(ctx, transport.Request{ErrorAt: "$"})
		assert.Equal(t, isError, errors.Is(err, transport.ErrReported), body)
	}
}
