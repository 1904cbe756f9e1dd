package state_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/state"
)

// requireSameEncoding runs a program and encodes the state after each step. Each time, it
// compares the state with that of a document that has made the same steps and is encoded
// for the first time.
func requireSameEncoding(t *testing.T, code []byte) {
	t.Helper()
	const maxSteps = 60
	p := &program{code: code}
	require.NoError(t, p.start(nil))
	steps := 0
	for i := 0; i < maxSteps && len(p.code) > 0; i++ {
		sync := p.sync
		if p.step() != nil {
			return // the parts cannot be joined
		}
		if steps++; p.sync != sync {
			steps = 0
		}
		want := p.outcome()
		saved := p.doc.Saved()
		require.Equal(t, string(saved), string(p.doc.Snapshot().State), "nothing has changed")

		if i%3 > 0 {
			continue
		}
		read, err := state.Parse(saved, make([]state.Migration, p.sync-1)...)
		require.NoError(t, err)
		require.Equal(t, string(saved), string(read.Saved()))

		fresh := &program{code: p.rest, sync: p.sync - 1, clock: p.began}
		require.NoError(t, fresh.start(p.saved))
		for range steps {
			require.NoError(t, fresh.step())
			fresh.outcome() // the position of a follower that is read alone is recorded here
		}
		require.Equal(t, want, fresh.outcome())
		require.Equal(t, string(fresh.doc.Saved()), string(saved))
	}
}

func TestAStateHasTheSameBytesHoweverOftenItIsEncoded(t *testing.T) {
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 1))
		code := make([]byte, 200)
		for i := range code {
			code[i] = byte(random.Uint32())
		}
		requireSameEncoding(t, code)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func FuzzAStateHasTheSameBytesHoweverOftenItIsEncoded(f *testing.F) {
	f.Add([]byte{1, 0, 0, 7, 11, 0, 0, 0, 90, 3, 9, 4, 0, 5, 18, 2, 14})
	f.Fuzz(requireSameEncoding)
}
