package host_test

import (
	"cmp"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
)

func init() { programs["collected"] = beCollected }

// beCollected is a program that prints the values of GOGC with a small heap, a large one and a
// small one again. Its arguments say when the program sets a value itself, which one, and what
// it should print.
func beCollected() {
	when, want := os.Args[2], os.Args[4:]
	own, _ := strconv.Atoi(os.Args[3])
	if when == "before" || when == "before, and later again" {
		debug.SetGCPercent(77)
	}
	if when == "before" {
		debug.SetGCPercent(own)
	}
	host.Main(&fixture.Shop{}, host.With(host.Wire{Name: "collected", Serve: func(p *host.Process) int {
		if when == "later" || when == "before, and later again" {
			debug.SetGCPercent(own)
		}
		if when == "for a while" {
			before := debug.SetGCPercent(own)
			_ = settledGCPercent(strconv.Itoa(own))
			debug.SetGCPercent(before)
		}
		var kept []byte
		for i, size := range []int{1, 100 << 20, 1} {
			kept = make([]byte, size)
			fmt.Fprintln(p.Stdout, settledGCPercent(want[i]))
			runtime.KeepAlive(kept)
		}
		return 0
	}}))
}

// settledGCPercent returns the value of GOGC after many collections. The garbage collector
// calls back after each one, at a time of its choice, so there are more if the value is not
// the wanted one.
func settledGCPercent(want string) int {
	const few, many = 20, 5000
	for n := 0; n < few || n < many && strconv.Itoa(gcPercent()) != want; n++ {
		runtime.GC()
	}
	return gcPercent()
}

func gcPercent() int {
	sample := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(sample)
	return int(int32(sample[0].Value.Uint64())) //nolint:gosec // -1 as a uint64
}

func TestAProgramWithASmallHeapIsCollectedLessOftenUnlessItsUserOrAuthorDecides(t *testing.T) {
	for _, c := range []struct{ name, setting, when, own, want string }{
		{name: "by default", when: "never", want: "399 101 399"},
		{name: "GOGC", setting: "GOGC=100", when: "never", want: "100 100 100"},
		{name: "GOGC off", setting: "GOGC=off", when: "never", want: "-1 -1 -1"},
		{name: "GOMEMLIMIT", setting: "GOMEMLIMIT=1GiB", when: "never", want: "100 100 100"},
		{name: "SetGCPercent before Main", when: "before", own: "77", want: "77 77 77"},
		{name: "SetGCPercent of the default before Main", when: "before", own: "100", want: "399 101 399"},
		{name: "SetGCPercent later", when: "later", own: "77", want: "77 77 77"},
		{name: "SetGCPercent of the default later", when: "later", own: "100", want: "100 100 100"},
		{name: "SetGCPercent of the default after another value", when: "before, and later again", own: "100", want: "100 100 100"},
		{name: "SetGCPercent of about the highest target", when: "later", own: "400", want: "400 400 400"},
		{name: "SetGCPercent for a while", when: "for a while", own: "77", want: "399 101 399"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cmd := fixture.Program(t, "collected", append([]string{"collected", "collected", c.when, cmp.Or(c.own, "0")}, strings.Fields(c.want)...)...)
			cmd.Env = slices.DeleteFunc(cmd.Env, func(setting string) bool {
				return strings.HasPrefix(setting, "GOGC=") || strings.HasPrefix(setting, "GOMEMLIMIT=")
			})
			cmd.Env = append(cmd.Env, c.setting)
			out, err := cmd.Output()
			require.NoError(t, err)
			assert.Equal(t, c.want, strings.Join(strings.Fields(string(out)), " "))
		})
	}
}

func TestAProgramThatOnlyImportsTheRuntimeIsCollectedAsBefore(t *testing.T) {
	if os.Getenv("GOGC") != "" {
		t.Skip("GOGC is set")
	}
	run := host.New(t.Context(), &fixture.Shop{}, fixture.Quiet)
	_, err := run.Schema()
	require.NoError(t, err)
	require.NoError(t, run.Close())
	assert.Equal(t, 100, gcPercent())
}
