package secretmatrix_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/internal/secretspelling"
	"github.com/penstock-sdk/penstock/state"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/paging"
	"github.com/penstock-sdk/penstock/transport/retry"
)

// credentials lists ways to send a secret.
var credentials = []struct {
	name string
	auth func(string) transport.Auth
}{
	{"query", func(key string) transport.Auth { return auth.QueryKey("api_key", key) }},
	{"bearer", auth.Bearer},
	{"header", func(key string) transport.Auth { return auth.HeaderKey("X-Api-Key", key) }},
	{"basic", func(key string) transport.Auth { return auth.Basic("reader", key) }},
}

// A place is a part of a response in which a source repeats a secret.
type place struct {
	name   string
	answer func(e *echo) *http.Response
}

// echoes returns the echoes that the source can put there. In most places, other text
// follows.
func (p *place) echoes(all []*echo) []*echo {
	if strings.HasPrefix(p.name, "the body of") {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), isExceptionWithin)
}

// responses lists the places.
var responses = []place{
	{"the body of a 401", func(e *echo) *http.Response { return response(401, e.text(), "Content-Type", "text/plain") }},
	{"the JSON of a 400", func(e *echo) *http.Response {
		text, _ := json.Marshal(map[string]any{"error": map[string]string{"message": e.text()}}) // strings always marshal
		return response(400, string(text))
	}},
	{"the raw JSON of a 403", func(e *echo) *http.Response { return response(403, `{"message":"`+e.text()+`"}`) }},
	{"the page of a 404", func(e *echo) *http.Response {
		return response(404, "<html><title>"+e.text()+"</title><p>"+e.text()+"</html>", "Content-Type", "text/html")
	}},
	{"a long body of a 400", func(e *echo) *http.Response {
		return response(400, strings.Repeat("x ", 90)+e.text()+strings.Repeat(" y", 9000), "Content-Type", "text/plain")
	}},
	{"the body of a 500", func(e *echo) *http.Response { return response(500, e.text(), "Content-Type", "text/plain") }},
	{"the reason phrase", func(e *echo) *http.Response {
		resp := response(402, "")
		resp.Status = "402 " + oneLine(e.text())
		return resp
	}},
	{"the headers of a 401", func(e *echo) *http.Response {
		text := oneLine(e.text())
		return response(401, "{}", "Www-Authenticate", `Bearer error="`+text+`"`, "Etag", text, "X-Request-Id", text, "Set-Cookie", "s="+text,
			"Retry-After", text, "X-Ratelimit-Reset", text, "Warning", text)
	}},
	{"the content type", func(e *echo) *http.Response {
		return response(200, "{}", "Content-Type", "text/"+oneLine(e.text()))
	}},
	{"the content type of markup", func(e *echo) *http.Response {
		return response(200, "<html>", "Content-Type", oneLine(e.text()))
	}},
	{"a charset", func(e *echo) *http.Response {
		return response(200, "x", "Content-Type", "text/plain; charset="+oneLine(e.text()))
	}},
	{"a redirect to another host", func(e *echo) *http.Response {
		return response(302, "", "Location", "https://other.test/"+oneLine(e.text()))
	}},
	{"the query of a redirect to another host", func(e *echo) *http.Response {
		return response(302, "", "Location", "https://other.test/?q="+oneLine(e.text()))
	}},
	{"an endless redirect", func(e *echo) *http.Response {
		return response(302, "", "Location", "/me?next="+url.QueryEscape(e.text()))
	}},
	{"a malformed redirect", func(e *echo) *http.Response {
		return response(302, "", "Location", "http://[::1"+oneLine(e.text()))
	}},
	{"JSON that is not valid", func(e *echo) *http.Response { return response(200, `[{"id":1},`+e.text()) }},
	{"a record that does not fit", func(e *echo) *http.Response {
		text, _ := json.Marshal([]map[string]string{{"id": e.text()}}) // strings always marshal
		return response(200, string(text))
	}},
	{"a page that does not exist", func(e *echo) *http.Response {
		text, _ := json.Marshal(map[string]any{"next": "http://other.test/" + e.text(), "items": []any{map[string]int{"id": 1}}})
		return response(200, string(text))
	}},
	{"a trailer", func(e *echo) *http.Response {
		resp := response(400, "{}")
		resp.Trailer = http.Header{"Grpc-Message": {oneLine(e.text())}}
		return resp
	}},
	{"a content encoding", func(e *echo) *http.Response {
		return response(200, e.text(), "Content-Encoding", oneLine(e.text()))
	}},
}

// ask requests records and discards them.
func ask(ctx context.Context, c *transport.Client) error {
	type record struct {
		ID int `json:"id"`
	}
	for _, err := range transport.Records[record](ctx, c, transport.Request{Path: "/me"}, paging.NextURL{At: "next"}) {
		if err != nil {
			return err
		}
	}
	for _, err := range transport.Stream[record](ctx, c, transport.Request{Path: "/me"}, format.JSON{}) {
		if err != nil {
			return err
		}
	}
	resp, err := c.Do(ctx, transport.Request{Method: http.MethodPost, Path: "/me"})
	if err == nil {
		var into record
		err = json.Unmarshal(resp.Body, &into)
	}
	return err
}

// TestNoSecretThatASourceRepeatsLeavesAClient uses clients without a run, so that no
// other code masks anything.
func TestNoSecretThatASourceRepeatsLeavesAClient(t *testing.T) {
	var leaks tally
	t.Run("of", func(t *testing.T) {
		for _, k := range kinds() {
			if len(k.Value) < secretspelling.ShortInText {
				continue // a client does not mask it, and a run does
			}
			t.Run(k.Name, func(t *testing.T) {
				t.Parallel()
				k.Other = "" // a client has one credential
				s := newSearch(&k, &leaks)
				for _, credential := range sampled(credentials, k.Name) {
					for _, r := range responses {
						for _, e := range some(8, r.echoes(s.echoes), k.Name, credential.name, r.name) {
							var log bytes.Buffer
							logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: withoutTime}))
							client, err := transport.New("http://api.test", transport.WithAuth(credential.auth(k.Value)), transport.WithLogger(logger),
								transport.WithRetry(retry.Policy{Attempts: 1}), transport.WithCookies(),
								transport.WithRoundTripper(source(func(*http.Request) *http.Response { return r.answer(e) })))
							require.NoError(t, err)
							err = ask(t.Context(), client)
							client.Close()
							var outputs []output
							for line := range strings.Lines(log.String()) {
								outputs = append(outputs, output{where: "log", text: strings.TrimSpace(line)})
							}
							if err != nil {
								for _, text := range textsOf(err) {
									outputs = append(outputs, output{where: "error", text: text})
								}
							}
							s.search(fmt.Sprintf("client (%s), %s", credential.name, r.name), outputs)
						}
					}
				}
			})
		}
	})
	leaks.report(t)
}

// TestNoSecretThatASourceRepeatsLeavesARun is the same within a run.
func TestNoSecretThatASourceRepeatsLeavesARun(t *testing.T) {
	var leaks tally
	t.Run("of", func(t *testing.T) {
		for _, k := range kinds() {
			t.Run(k.Name, func(t *testing.T) {
				t.Parallel()
				s := newSearch(&k, &leaks)
				dir := t.TempDir()
				script := &script{}
				use := func(ctx context.Context, c *leaky) error {
					client, err := transport.New("http://api.test", transport.WithAuth(auth.Bearer(c.Key.Reveal())), transport.WithLogger(connector.Logger(ctx)),
						transport.WithRetry(retry.Policy{Attempts: 1}), transport.WithCookies())
					if err != nil {
						return err
					}
					defer client.Close()
					return ask(ctx, client)
				}
				script.test = use
				script.sync = func(ctx context.Context, c *leaky, _ state.State, _ connector.Emitter) error { return use(ctx, c) }
				for _, h := range sampled(hosts, k.Name) {
					for _, r := range responses {
						part := 8
						if h.name != "host.Run" { // a wire hands on what the run hands to it
							part = 32
						}
						for _, e := range some(part, r.echoes(s.echoes), k.Name, h.name, r.name) {
							ctx := transport.NewContext(t.Context(), source(func(*http.Request) *http.Response { return r.answer(e) }))
							for _, a := range sampled([]action{sync, test}, k.Name, r.name) {
								outputs, _ := h.outputs(ctx, script, request{a, configuration(&k), dir})
								s.search(fmt.Sprintf("%s, %s, %s", h.name, a, r.name), outputs)
							}
						}
					}
				}
			})
		}
	})
	leaks.report(t)
}
