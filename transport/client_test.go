package transport_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/retry"
)

func TestTheBaseURLMustBeAnAbsoluteHTTPURLWithoutCredentials(t *testing.T) {
	for _, good := range []string{"http://localhost:8080", "https://api.example.com", "https://api.example.com/v2/", " https://api.example.com "} {
		_, err := transport.New(good)
		assert.NoError(t, err, good)
	}
	for _, bad := range []string{"", "api.example.com", "localhost:8080", "ftp://host", "https://", "https:///v2", "http://h\x7f",
		"https://user:hunter22@host", "https://host?x=1", "https://host#f", "://", "https://host:port"} {
		_, err := transport.New(bad)
		if assert.Error(t, err, bad) {
			assert.True(t, asError(t, err).Configuration(), bad)
			assert.NotContains(t, err.Error(), "hunter22")
		}
	}
	_, err := transport.New("api.example.com/v2")
	assert.ErrorContains(t, err, "https://api.example.com")
}

func TestAnOptionThatIsNotValidIsAnErrorOfNew(t *testing.T) {
	for name, opt := range map[string]transport.Option{
		"header": transport.WithHeader("bad header", "x"), "value": transport.WithHeader("X", "a\nb"),
		"timeout": transport.WithTimeout(-1), "body": transport.WithMaxBody(0), "agent": transport.WithUserAgent("a\r\n"),
		"hosts": transport.WithHosts("https://x"), "retry": transport.WithRetry(retry.Policy{Attempts: -1}),
	} {
		_, err := transport.New("https://h", opt)
		assert.Error(t, err, name)
	}
}

func TestAPrintedClientDoesNotShowItsCredentialsAndHeaders(t *testing.T) {
	for _, a := range []transport.Auth{auth.Bearer("s3cret-v"), auth.HeaderKey("X-Key", "s3cret-v"), auth.QueryKey("key", "s3cret-v"),
		auth.Basic("user", "s3cret-v"), auth.Sign(nil, "s3cret-v"), auth.Login(auth.LoginConfig{Secrets: []string{"s3cret-v"}})} {
		c, err := transport.New("https://api.example.com/v2/s3cret-v", transport.WithAuth(a), transport.WithHeader("X-Api-Token", "s3cret-h"))
		require.NoError(t, err)
		// A connector that holds a client is printed, too.
		connector := struct{ Client *transport.Client }{c}
		text := fmt.Sprintf("%v %+v %#v %s %q %v %+v %#v %+v %#v", c, c, c, c, c, *c, *c, *c, connector, connector)
		assert.NotContains(t, text, "s3cret")
		assert.Contains(t, text, "transport.Client(https://api.example.com/v2/")
	}
}

func TestAPrintedOrLoggedResponseDoesNotShowItsCredentials(t *testing.T) {
	c := inMemory(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, `[{"id":1}]`) }, transport.WithAuth(auth.QueryKey("key", "s3cret-v")))
	resp, err := c.Do(ctx, transport.Request{Path: "/x"})
	require.NoError(t, err)
	for page, err := range transport.Pages(ctx, c, transport.Request{Path: "/x"}, nil) {
		require.NoError(t, err)
		for want, v := range map[string]any{
			"transport.Response(200 OK, https://api.example.com/x)": resp, "transport.Page(1, 200 OK, https://api.example.com/x)": page,
		} {
			var log bytes.Buffer
			slog.New(slog.NewJSONHandler(&log, nil)).Info("read", "value", v)
			slog.New(slog.NewTextHandler(&log, nil)).Info("read", "value", v)
			text := fmt.Sprintf("%v %+v %#v %s", v, v, v, []any{v}) + log.String()
			assert.Equal(t, 6, strings.Count(text, want), text)
			assert.NotContains(t, text, "s3cret")
		}
	}
	assert.Contains(t, fmt.Sprint(transport.Response{}, transport.Page{}), "no URL")
}
