package connector_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/state"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
)

// strictNetwork refuses the header fields that net/http refuses to send.
type strictNetwork struct{ http.RoundTripper }

func (n strictNetwork) RoundTrip(r *http.Request) (*http.Response, error) {
	for _, lines := range r.Header {
		if strings.ContainsAny(strings.Join(lines, ""), "\r\n") {
			return nil, errors.New("net/http: invalid header field value")
		}
	}
	return n.RoundTripper.RoundTrip(r)
}

// asking returns a connector. Its Test and its Sync each make one request with a
// key.
func asking(auth func(key string) transport.Auth) *scripted {
	ask := func(ctx context.Context, c *scripted) error {
		client, err := transport.New("http://api.test", transport.WithAuth(auth(c.Key.Reveal())))
		if err != nil {
			return err
		}
		_, err = client.Do(ctx, transport.Request{Path: "/me"})
		return err
	}
	return &scripted{test: ask, sync: func(ctx context.Context, c *scripted, _ state.State, _ connector.Emitter) error {
		return ask(ctx, c)
	}}
}

func TestAKeyPastedWithALineBreakWorksOrIsRefusedAtOnce(t *testing.T) {
	const good = "key-0123456789"
	network := strictNetwork{memorySource(func(w http.ResponseWriter, r *http.Request) {
		_, password, _ := r.BasicAuth()
		for _, key := range []string{r.Header.Get("X-Api-Key"), strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), r.URL.Query().Get("api_key"), password} {
			if key == good {
				fmt.Fprint(w, `{"ok":true}`)
				return
			}
		}
		w.WriteHeader(http.StatusUnauthorized)
	})}
	bearer := auth.Bearer
	header := func(key string) transport.Auth { return auth.HeaderKey("X-Api-Key", key) }
	query := func(key string) transport.Auth { return auth.QueryKey("api_key", key) }
	basic := func(key string) transport.Auth { return auth.Basic("user", key) }
	for _, c := range []struct {
		name, key string
		auth      func(string) transport.Auth
	}{
		{`bearer, \n`, good + "\n", bearer},
		{`bearer, \r\n`, good + "\r\n", bearer},
		{"bearer, space", good + " ", bearer},
		{"bearer, break within", "key-\n0123456789", bearer},
		{`header, \n`, good + "\n", header},
		{`header, \n in front`, "\n" + good, header},
		{"header, space in front", " " + good, header},
		{`query, \n`, good + "\n", query},
		{`basic, \n`, good + "\n", basic},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for _, action := range []string{"test", "sync"} {
					start := time.Now()
					out, err := answer(transport.NewContext(t.Context(), network), asking(c.auth), request(t, action, c.key), slog.DiscardHandler)
					if err != nil {
						assert.Equal(t, connector.Configuration, connector.KindOf(err), "%s: %s", action, out)
					}
					assert.LessOrEqual(t, time.Since(start), 5*time.Second, "%s tries again what can't work: %s", action, out)
				}
			})
		})
	}
}

func TestAKeyPastedWithALineBreakIsMaskedWithoutIt(t *testing.T) {
	source := &scripted{test: func(context.Context, *scripted) error { return errors.New("refused: key-0123456789") }}
	for _, pasted := range []string{"key-0123456789\n", " \ufeffkey-0123456789\r\n"} {
		out, err := answer(t.Context(), source, request(t, "test", pasted), slog.DiscardHandler)
		assert.Contains(t, fmt.Sprint(out, err), "refused: [redacted]")
		assert.NotContains(t, fmt.Sprint(out, err), "key-0123456789")
	}
}
