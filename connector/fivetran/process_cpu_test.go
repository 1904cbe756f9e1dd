//go:build unix

package fivetran_test

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/examples/restapi/demoapi/shop"
)

const measuredOrders = 200_000

// BenchmarkSyncOverGRPC reports the CPU time of a sync over gRPC as a multiple of that of the same
// sync over stdin: the median of the rounds. It is the time of the processes, including their
// start. Other programs of the machine slow both syncs of a round down.
func BenchmarkSyncOverGRPC(b *testing.B) {
	_, configuration := serveShop(b, shop.Config{Customers: 1000, Orders: measuredOrders})
	built(b, "restapi")
	var ratios []float64
	for b.Loop() {
		stdin := cpuOverStdin(b, configuration)
		grpc, records := cpuOverGRPC(b, configuration)
		ratios = append(ratios, float64(grpc)/float64(stdin))
		b.Logf("%d rows: %.2f µs a row over gRPC, %.2f over stdin", records, perRow(grpc, records), perRow(stdin, records))
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "x-stdin")
	b.ReportMetric(0, "ns/op") // of the client, and of both syncs
}

func perRow(d time.Duration, rows int) float64 {
	return float64(d.Nanoseconds()) / 1000 / float64(rows)
}

// cpuOverStdin returns the CPU time of a whole sync over standard input and output.
func cpuOverStdin(t testing.TB, configuration map[string]string) time.Duration {
	t.Helper()
	request, err := json.Marshal(map[string]any{"secrets": configuration})
	require.NoError(t, err)
	cmd := builtCommand(t, "restapi")
	cmd.Stdin = bytes.NewReader(request)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	_, err = io.CopyBuffer(struct{ io.Writer }{io.Discard}, out, make([]byte, 64<<10))
	require.NoError(t, err)
	require.NoError(t, cmd.Wait())
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

// cpuOverGRPC returns the CPU time of a server that serves one whole sync.
func cpuOverGRPC(t testing.TB, configuration map[string]string) (used time.Duration, records int) {
	t.Helper()
	server := serveBuilt(t, "restapi")
	client := dial(t, server.address)
	stream := client.sync(t, configuration, "")
	require.NoError(t, stream.rest(t, func(m *protocol.UpdateResponse) { records += len(m.Records) }))
	require.NoError(t, client.conn.Close())
	server.signal(t, syscall.SIGTERM)
	require.Zero(t, server.status())
	return server.cmd.ProcessState.UserTime() + server.cmd.ProcessState.SystemTime(), records
}
