package fivetran_test

import (
	"os"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/examples/restapi/demoapi/shop"
)

// maxGrowth is the memory in bytes that a server may take for a sync.
const maxGrowth = 64 << 20

var peakLine = regexp.MustCompile(`(?m)^VmHWM:\s+(\d+) kB$`)

// peak returns the largest resident size of a server so far, in bytes.
func (s *serverProcess) peak(t testing.TB) int {
	t.Helper()
	text, err := os.ReadFile("/proc/" + strconv.Itoa(s.cmd.Process.Pid) + "/status")
	require.NoError(t, err)
	match := peakLine.FindSubmatch(text)
	require.NotNil(t, match, "%s", text)
	kilobytes, err := strconv.Atoi(string(match[1]))
	require.NoError(t, err)
	return kilobytes << 10
}

// A client stops reading in the middle of a sync: it takes no messages, or its process reads
// nothing from the connection.
func TestASlowClientSlowsTheSourceDown(t *testing.T) {
	t.Parallel()
	orders := 20_000
	if *long {
		orders = 200_000
	}
	for name, frozen := range map[string]bool{"it takes no messages": false, "it is frozen": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api, configuration := serveShop(t, shop.Config{Customers: 100, Orders: orders})
			server := serveBuilt(t, "restapi")
			other := dial(t, server.address) // does what the slow client cannot
			require.Empty(t, other.test(t, configuration))
			idle := server.peak(t)
			counts := recordCounts{}
			gate := newGate()
			stream := dial(t, server.address, grpc.WithContextDialer(gate.dial)).sync(t, configuration, "")
			for counts["orders"] == 0 {
				m, err := stream.next(t)
				require.NoError(t, err)
				counts.add(t, m)
			}
			if frozen {
				gate.set(false)
			}
			read := awaitStall(func() int64 { return api.RequestsTo("/orders") }, func() { require.Empty(t, other.test(t, configuration)) })
			assert.Less(t, read, int64(orders/500/2), "pages of orders that were read")
			if frozen {
				gate.set(true)
			}
			require.NoError(t, stream.rest(t, func(m *protocol.UpdateResponse) { counts.add(t, m) }))
			assert.Equal(t, orders, counts["orders"])
			assert.Equal(t, 100, counts["customers"])
			growth := server.peak(t) - idle
			t.Logf("%d of %d pages were read in the meantime; the memory of the server grew by %d MiB from %d MiB", read, orders/500, growth>>20, idle>>20)
			assert.Less(t, growth, maxGrowth)
		})
	}
}

// recordCounts holds the number of records of each table.
type recordCounts map[string]int

func (c recordCounts) add(t testing.TB, m *protocol.UpdateResponse) {
	t.Helper()
	var r protocol.Record
	for _, raw := range m.Records {
		require.NoError(t, r.Parse(raw))
		c[r.Table]++
	}
}
