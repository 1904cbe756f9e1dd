package transport_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
)

// The sources combine the ways to divide records into pages with charsets, compression,
// redirects, limits, truncated bodies and failures of one request in ten. Time is
// virtual. With the flag -long, the test reads 20,000 pages instead of 2,000:
//
//	go test ./transport -run TestARandomSource -long
func TestARandomSourceIsReadCompletelyOrTheReasonIsReported(t *testing.T) {
	pages := 500
	if *long {
		pages = 20_000
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	outcomes := map[string]int{}
	for n := uint64(0); pages > 0; n++ {
		rnd := rand.New(rand.NewPCG(seed, n))
		s := newRandomSource(rnd)
		if trap := pick(rnd, randomTraps); rnd.IntN(3) == 0 && s.hasTrap(trap) {
			s.set(trap)
		}
		if !t.Run(s.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { outcomes[readRandomSource(t, s)]++ })
		}) {
			t.Fatalf("list %d of seed %d: %v", n, seed, s)
		}
		pages -= min(s.pages, 50) // a list without an end has hundreds
	}
	t.Log(outcomes)
}

// readRandomSource reads a source and checks that no record is lost silently. It returns
// the outcome.
func readRandomSource(t *testing.T, s *randomSource) string {
	t.Helper()
	var log logRecord
	opts := []transport.Option{transport.WithRoundTripper(s), log.Warnings()}
	if s.cookies {
		opts = append(opts, transport.WithCookies())
	}
	client, err := transport.New("https://api.example.com", opts...)
	require.NoError(t, err)
	var read []item
	for it, failed := range transport.Records[item](t.Context(), client, s.request(), s.reader()) {
		if err = failed; err != nil {
			break
		}
		read = append(read, it)
	}
	undeclared := strings.HasPrefix(s.charset, "undeclared")
	warned := warnings(log.String())
	switch {
	case err != nil && s.trap == "" && s.paging != "scroll": // whose requests must not be repeated
		t.Errorf("after %d of %d records: %v", len(read), s.len(), err)
	case err == nil && (warned == "" || s.trap == "" || s.trap == "wrong total"):
		assert.Equal(t, s.want(), ids(read), "the ids, without an error or a warning")
	case err != nil && (s.trap == "wrong total" || s.trap == "redirects forever"):
		assert.Equal(t, s.want()[:min(len(read), s.len())], append([]int64{}, ids(read)...), "the ids before the error: %v", err)
	}
	for _, it := range read {
		if !undeclared {
			assert.Equal(t, s.name(int(it.ID)), it.Name)
		}
	}
	if err == nil && s.trap == "" {
		assert.Empty(t, warned, "a warning for a source that is right")
		assert.Equal(t, undeclared && len(read) > 0, log.String() != "", "a warning of the charset: %s", log.String())
	}
	assert.LessOrEqual(t, s.requests, maxRandomRequests, "requests for a list of %d pages", len(s.starts)-1)
	switch {
	case err != nil:
		return s.trap + ": error"
	case len(read) != s.len():
		return s.trap + ": warning"
	case warned != "":
		return s.trap + ": complete, with a warning"
	}
	return s.trap + ": complete"
}

// warnings returns the lines of a log other than those about the charset of the text.
func warnings(log string) string {
	return strings.Join(slices.DeleteFunc(strings.Split(log, "\n"), func(line string) bool {
		return strings.Contains(line, "charset")
	}), "\n")
}
