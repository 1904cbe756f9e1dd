package secretmatrix_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	gosync "sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connectortest/replay"
	"github.com/penstock-sdk/penstock/internal/secretspelling"
)

// A recordingTB is the test that makes a recording. Its failures say that nothing was written.
type recordingTB struct {
	testing.TB
	mu       gosync.Mutex
	messages []string
	cleanups []func()
}

func (t *recordingTB) Helper()                   {}
func (t *recordingTB) Name() string              { return "TestRecording" }
func (t *recordingTB) Logf(s string, a ...any)   { t.note(s, a) }
func (t *recordingTB) Cleanup(f func())          { t.cleanups = append(t.cleanups, f) }
func (t *recordingTB) Skipped() bool             { return false }
func (t *recordingTB) Failed() bool              { return false }
func (t *recordingTB) Errorf(s string, a ...any) { t.note(s, a) }
func (t *recordingTB) Fatalf(s string, a ...any) {
	t.note(s, a)
	panic(refused{})
}

// refused is the panic of a recording that cannot be made, because the secret is too
// short.
type refused struct{}

func (t *recordingTB) note(format string, args []any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.messages = append(t.messages, fmt.Sprintf(format, args...))
}

// record records exchanges that repeat each echo, and returns the file, which is empty if
// it was not written, and the messages of the test.
func record(t *testing.T, path string, k *secretspelling.Kind, all []*echo) (file string, messages []string) {
	t.Helper()
	tb := &recordingTB{TB: t}
	defer func() {
		if v := recover(); v != nil {
			if _, ok := v.(refused); !ok {
				panic(v)
			}
			messages = tb.messages
		}
	}()
	network := replay.Open(tb, path, replay.Scrub(k.Confidential()...), replay.Scrub(k.Value), replay.Network(source(func(r *http.Request) *http.Response {
		e := all[0]
		for _, one := range all {
			if r.Header.Get("X-Case") == fmt.Sprint(one.number) {
				e = one
			}
		}
		text := e.text()
		quoted, _ := json.Marshal(map[string]string{"text": text, text: "x"}) // strings always marshal
		body, link := text, ""
		if !isExceptionWithin(e) { // other text can follow
			body += "\n" + string(quoted)
			link = "<https://api.test/?q=" + url.QueryEscape(text) + ">; rel=next"
		}
		return response(200, body, "Link", link, "Etag", oneLine(text), "X-Echo", oneLine(text), "Set-Cookie", "s="+oneLine(text))
	})))
	for _, e := range all {
		text := e.text()
		if e.Last {
			text = "a request" // a connector does not send a part of a secret
		}
		for _, way := range []struct{ address, body, contentType string }{
			{"https://api.test/a?q=" + url.QueryEscape(text), "", ""},
			{"https://api.test/" + url.PathEscape(text), text, "text/plain"},
			{"https://api.test/form", "q=" + url.QueryEscape(text), "application/x-www-form-urlencoded"},
		} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, way.address, strings.NewReader(way.body))
			require.NoError(t, err)
			req.Header.Set("X-Case", fmt.Sprint(e.number))
			req.Header.Set("X-Text", oneLine(text))
			req.Header.Set("Content-Type", way.contentType)
			resp, err := network.RoundTrip(req)
			require.NoError(t, err)
			_, _ = io.Copy(io.Discard, resp.Body)
			require.NoError(t, resp.Body.Close())
		}
	}
	for i := range tb.cleanups {
		tb.cleanups[len(tb.cleanups)-1-i]()
	}
	written, err := os.ReadFile(path)
	if err != nil {
		require.ErrorIs(t, err, os.ErrNotExist)
	}
	return string(written), tb.messages
}

// TestNoSecretIsInARecording records one spelling in each file, because a file is not
// written if it would contain a secret.
func TestNoSecretIsInARecording(t *testing.T) {
	t.Setenv("CI", "")
	require.NoError(t, flag.Set("replay.record", "true"))
	t.Cleanup(func() { require.NoError(t, flag.Set("replay.record", "false")) })
	var leaks tally
	files, unwritten := 0, 0
	var mu gosync.Mutex
	t.Run("of", func(t *testing.T) {
		for _, k := range secretspelling.Kinds() {
			t.Run(k.Name, func(t *testing.T) {
				t.Parallel()
				s := newSearch(&k, &leaks)
				dir := t.TempDir()
				for _, e := range some(8, s.echoes, k.Name, "recording") {
					path := filepath.Join(dir, fmt.Sprintf("%d.yaml", e.number))
					file, messages := record(t, path, &k, []*echo{e})
					mu.Lock()
					files++
					if file == "" {
						unwritten++
					}
					mu.Unlock()
					outputs := []output{{where: "file", text: file}}
					for _, m := range messages {
						outputs = append(outputs, output{where: "message", text: m})
					}
					s.search("recording", outputs)
				}
			})
		}
	})
	t.Logf("%d recordings, %d of which were not written", files, unwritten)
	leaks.report(t)
}
