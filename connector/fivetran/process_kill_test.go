//go:build unix

package fivetran_test

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"

	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/examples/restapi/demoapi/shop"
)

func init() { programs["client"] = beClient }

// beClient is a client whose arguments are the address of a server. It reads the request of a
// sync from standard input and writes each message that it receives to standard output, after
// its size.
func beClient() {
	if err := runClient(os.Args[1], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func runClient(address string, in io.Reader, out io.Writer) error {
	request, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	client, err := newGRPCClient(address)
	if err != nil {
		return err
	}
	defer client.conn.Close()
	ctx, cancel := newProgramContext()
	defer cancel()
	stream, err := client.updateRaw(ctx, request)
	if err != nil {
		return err
	}
	for {
		var raw []byte
		if err := stream.stream.RecvMsg(&raw); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if _, err := out.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(raw))), raw...)); err != nil {
			return err
		}
	}
}

// syncAndKillServer runs a sync and kills the server after a number of messages. It reports
// whether the sync ended before.
func (w *warehouse) syncAndKillServer(t testing.TB, configuration map[string]string, after int) (whole bool) {
	t.Helper()
	server := serveBuilt(t, "restapi")
	client := dial(t, server.address)
	defer client.conn.Close()
	stream := client.sync(t, configuration, w.state)
	for n := 1; ; n++ {
		m, err := stream.next(t)
		switch {
		case errors.Is(err, io.EOF):
			server.kill()
			return true
		case err != nil: // what arrived after the kill counts
			wantStatus(t, err, codes.Unavailable, "")
			require.Greater(t, n, after)
			w.disconnect()
			return false
		}
		w.take(t, m)
		if n == after {
			server.kill()
		}
	}
}

// syncAndKillClient runs a sync of a client process and kills it after a number of messages.
func (w *warehouse) syncAndKillClient(t testing.TB, server *serverProcess, configuration map[string]string, after int) (whole bool) {
	t.Helper()
	cmd := fixture.Program(t, "client", "client", server.address)
	request := &protocol.UpdateRequest{Configuration: configuration, State: w.state}
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	cmd.Stderr = os.Stderr
	require.NoError(t, cmd.Start())
	_, err = stdin.Write(request.Append(nil))
	require.NoError(t, err)
	require.NoError(t, stdin.Close())
	in := bufio.NewReader(out)
	for n := 1; ; n++ {
		var head [4]byte
		_, err := io.ReadFull(in, head[:])
		raw := make([]byte, binary.BigEndian.Uint32(head[:]))
		if err == nil {
			_, err = io.ReadFull(in, raw) // the last message may not be whole
		}
		if err != nil {
			break
		}
		w.take(t, parsedUpdate(t, raw))
		if n == after {
			require.NoError(t, cmd.Process.Kill())
		}
	}
	if cmd.Wait() == nil {
		return true
	}
	w.disconnect()
	return false
}

// The platform and the server are killed after random numbers of messages. A platform keeps
// what precedes its last checkpoint, or everything that it has received. The next sync starts
// from the last checkpoint. The tables must then equal those of a sync that was not killed.
func TestKillsOfTheServerAndOfItsClientLoseNothing(t *testing.T) {
	t.Parallel()
	_, configuration := serveShop(t, shop.Config{Customers: 120, Orders: 9000})
	server := serveBuilt(t, "restapi")
	client := dial(t, server.address)
	known := client.schema(t, configuration)
	want := newWarehouse(known)
	want.syncWhole(t, client, configuration)
	number := *kills
	if number == 0 {
		number = 2
		if *long {
			number = 100
		}
	}
	for name, transactional := range map[string]bool{"a platform with transactions": true, "a platform that keeps all rows": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seed := rand.Uint64()
			r := rand.New(rand.NewPCG(seed, 0))
			clients, servers, whole, resumed := 0, 0, 0, 0
			begin := func() *warehouse {
				w := newWarehouse(known)
				w.transactional = transactional
				return w
			}
			w := begin()
			for clients+servers < number {
				if w.state != "" {
					resumed++
				}
				after := 1 + r.IntN(want.messages)
				var ended bool
				if r.IntN(2) == 0 {
					if ended = w.syncAndKillServer(t, configuration, after); !ended {
						servers++
					}
				} else if ended = w.syncAndKillClient(t, server, configuration, after); !ended {
					clients++
				}
				if ended {
					w.wantTables(t, want)
					whole++
					w = begin()
				}
			}
			w.syncWhole(t, client, configuration) // the server that lost its clients still serves
			w.wantTables(t, want)
			t.Logf("seed %d: %d servers and %d clients were killed; %d syncs resumed, %d ended before", seed, servers, clients, resumed, whole)
		})
	}
}
