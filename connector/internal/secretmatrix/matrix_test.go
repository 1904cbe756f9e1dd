package secretmatrix_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/secretspelling"
)

// A way is a way out of a run.
type way struct {
	name   string
	action action
	// together reports whether one run can repeat all spellings without one of them
	// hiding another.
	together bool
	// data reports that the way is through rows or states.
	data bool
	// within reports that other text follows the text of the source.
	within bool
	// alone reports that one run repeats one spelling.
	alone bool
	// succeeds reports whether the request is answered without an error of the host.
	succeeds bool
	// answered reports whether the host may answer or fail.
	answered bool
	script   func(all []*echo) *script
}

// batch is the number of spellings in one error.
const batch = 8

// share is the reciprocal of the part of the spellings that a sample repeats.
const share = 16

// groups returns the echoes of each run.
func (w *way) groups(h *hostUnderTest, k *secretspelling.Kind, all []*echo) [][]*echo {
	if w.data {
		all = slices.DeleteFunc(slices.Clone(all), isExceptionInData)
	}
	if w.within {
		all = slices.DeleteFunc(slices.Clone(all), isExceptionWithin)
	}
	names := []any{k.Name, w.name, h.name}
	switch {
	case w.together && !*long:
		return sampled(slices.Collect(slices.Chunk(all, len(all)/share+1)), names...)
	case w.together && h.name != "host.Run":
		return [][]*echo{some(8, all, names...)}
	case w.together:
		return [][]*echo{all}
	}
	size := batch
	if w.alone {
		size = 1
	}
	if h.name != "host.Run" { // a wire hands on what the run hands to it
		return some(8, batches(all, size), names...)
	}
	return some(6, batches(all, size), names...)
}

// TestNoSecretLeavesARun is the matrix of kinds of secrets, spellings, ways out and
// hosts.
func TestNoSecretLeavesARun(t *testing.T) {
	var leaks tally
	t.Run("of", func(t *testing.T) {
		for _, k := range kinds() {
			t.Run(k.Name, func(t *testing.T) {
				t.Parallel()
				s := newSearch(&k, &leaks)
				dir := t.TempDir()
				for _, w := range ways {
					for _, h := range sampled(hosts, k.Name, w.name) {
						w.check(t, &h, s, dir)
					}
				}
			})
		}
	})
	leaks.report(t)
}

// check runs one way out of one host for one kind of secret.
func (w *way) check(t *testing.T, h *hostUnderTest, s *search, dir string) {
	t.Helper()
	name := h.name + ", " + w.name
	for _, group := range w.groups(h, s.kind, s.echoes) {
		outputs, err := h.outputs(t.Context(), w.script(group), request{w.action, configuration(s.kind), dir})
		switch {
		case w.answered:
		case w.succeeds:
			require.NoError(t, err, name)
		default:
			require.Error(t, err, name)
		}
		assert.False(t, found(err), "%s: errors.As finds the connector's own error", name)
		require.NotEmpty(t, outputs, name)
		s.search(name, outputs)
	}
}
