package transport_test

import (
	"math/rand/v2"
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
	pages := 2_000
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
		pages -= s.pages
	}
	t.Log(outcomes)
}

// readRandomSource reads a source and checks that no record is lost silently. It returns
// the outcome.
func readRandomSource(t *testing.T, s *randomSource) string {
	t.Helper()
	var log logRecord
	client, err := transport.New("https://api.example.com", transport.WithRoundTripper(s), log.Warnings())
	require.NoError(t, err)
	var read []item
	for it, failed := range transport.Records[item](t.Context(), client, s.request(), s.reader()) {
		if err = failed; err != nil {
			break
		}
		read = append(read, it)
	}
	undeclared := strings.HasPrefix(s.charset, "undeclared")
	switch {
	case err != nil && s.trap == "" && s.paging != "scroll": // whose requests must not be repeated
		t.Errorf("after %d of %d records: %v", len(read), s.len(), err)
	case err == nil && (log.String() == "" || s.trap == ""):
		assert.Equal(t, upTo(int64(s.len())), ids(read), "the ids, without an error or a warning")
	}
	for _, it := range read {
		if !undeclared {
			assert.Equal(t, s.name(int(it.ID)), it.Name)
		}
	}
	if err == nil && s.trap == "" {
		assert.Equal(t, undeclared && len(read) > 0, log.String() != "", "there is a warning: %s", log.String())
	}
	assert.LessOrEqual(t, s.requests, maxRandomRequests, "requests for a list of %d pages", len(s.starts)-1)
	if err != nil {
		return s.trap + ": error"
	}
	if len(read) != s.len() {
		return s.trap + ": warning"
	}
	return s.trap + ": complete"
}
