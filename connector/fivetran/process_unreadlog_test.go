//go:build unix

package fivetran_test

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock"
	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/fivetran"
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/state"
)

func init() {
	programs["chatty"] = func() {
		penstock.Main(&fixture.Shop{OnSync: syncChatty}, fivetran.Host)
	}
}

// syncChatty logs more than a pipe holds, and delivers an order whose row is 20 MB.
func syncChatty(_ context.Context, _ state.State, out connector.Emitter) error {
	for range 1000 {
		slog.Info(strings.Repeat("x", 200))
	}
	order := fixture.NewOrder(1)
	order.Email = strings.Repeat("é", 10_000_000)
	return out.Upsert("orders", order)
}

// A platform stops reading the log, or closes its pipe.
func TestAServerWhoseLogIsNotReadStillServes(t *testing.T) {
	t.Parallel()
	for name, closes := range map[string]bool{"a full pipe": false, "a closed pipe": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := fixture.Program(t, "chatty", append([]string{"shop"}, onLoopback...)...)
			stderr := newOutputLog()
			cmd.Stderr = stderr
			out, err := cmd.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, cmd.Start())
			t.Cleanup(func() { _ = cmd.Process.Kill() }) // it may have ended
			first, err := bufio.NewReaderSize(out, 16).ReadString('\n')
			require.NoError(t, err)
			if closes {
				require.NoError(t, out.Close())
			}
			client := dial(t, servingOn.FindStringSubmatch(first)[1])
			counts, size := 0, 0
			for range 2 {
				stream := client.sync(t, withKey, "")
				require.NoError(t, stream.rest(t, func(m *protocol.UpdateResponse) {
					counts += len(m.Records)
					for _, raw := range m.Records {
						size += len(raw)
					}
				}))
			}
			assert.Equal(t, 2, counts)
			assert.Greater(t, size, 2*20_000_000)
			began := time.Now()
			require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
			_, err = cmd.Process.Wait()
			require.NoError(t, err)
			t.Logf("ended %v after the signal", time.Since(began).Round(time.Millisecond))
			assert.Less(t, time.Since(began), 8*time.Second)
			_, _ = io.Copy(io.Discard, out)
			_ = cmd.Wait() // collects its standard error
			assert.NotContains(t, stderr.String(), "panic")
		})
	}
}
