package host

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/state"
)

// MaxState is the maximum size of a state in bytes. A sync whose state grows beyond
// it fails with an error of kind Defect, and the destination does not receive that
// state. When a state exceeds a quarter of it, the user receives a warning. A host
// must accept every state up to this size with the next request, in the form in which
// its platform sends it. The parts of a state can be larger together; see
// [Operation.Parts].
const MaxState = 24 << 20

// checkSize returns an error if a state is too large for a later request. It warns
// the user, once, if the state has become large. The caller holds s.mu.
func (s *session) checkSize(saved *snapshot) error {
	const remedy = "keep fewer partitions (the limit of state.NewPartitions), and save positions instead of lists of what has been read"
	size := len(saved.State)
	switch {
	case size > MaxState && s.oversize != nil:
		return s.oversize // the same error again, so that it is reported once
	case size > MaxState:
		s.oversize = connector.Errorf(connector.Defect, "state: it has %s, and the next sync can receive at most %s; the largest parts: %s; %s",
			megabytes(size), megabytes(MaxState), largestParts(saved.Parts()), remedy)
		return s.oversize
	case size <= MaxState/4 || s.large:
		return nil
	}
	s.large = true
	return s.forceWarning(fmt.Sprintf("the state has grown to %s, and syncs will fail once it exceeds %s; the largest parts: %s; report this to the author of the connector",
		megabytes(size), megabytes(MaxState), largestParts(saved.Parts())), nil)
}

// megabytes returns a size for messages.
func megabytes(n int) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// largestParts lists the largest parts of a state, for messages.
func largestParts(parts []state.SavedPart) string {
	const most = 3
	sorted := slices.SortedStableFunc(slices.Values(parts), func(a, b state.SavedPart) int { return cmp.Compare(len(b.JSON), len(a.JSON)) })
	var all []string
	for _, p := range sorted[:min(most, len(sorted))] {
		name := "table " + p.Name
		if p.Name == state.SharedName {
			name = "the shared part"
		}
		all = append(all, fmt.Sprintf("%s with %s", name, megabytes(len(p.JSON))))
	}
	return strings.Join(all, ", ")
}
