//go:build unix

package main_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/examples/restapi/demoapi/shop"
)

// The size of TestKillsLoseNothing. For a longer test:
//
//	go test ./connector/cmd/penstock -run Kills -kills 50 -orders 20000
var (
	kills  = flag.Int("kills", 4, "the number of kills in TestKillsLoseNothing")
	orders = flag.Int("orders", 5_000, "the number of orders that TestKillsLoseNothing syncs")
)

// contents are queries for everything in a warehouse except the times of writes.
var contents = []string{
	"SELECT * FROM shop.customers ORDER BY id",
	"SELECT id, customer_id, status, total, currency, updated_at, tags, shipping, _fivetran_deleted FROM shop.orders ORDER BY id",
	"SELECT order_id, line, sku, quantity, price, _fivetran_deleted FROM shop.order_items ORDER BY order_id, line",
}

func (b *bench) contents() string {
	var all []string
	for _, sql := range contents {
		all = append(all, b.query(strings.Replace(sql, "*", "id, name, email, created_at, _fivetran_deleted", 1)))
	}
	return strings.Join(all, "\n\n")
}

// The test kills penstock, the connector or both at random times. Each time, the
// warehouse must hold exactly the rows before some checkpoint, and its state. A sync that
// resumes from there must end with the same rows as a sync that was never killed.
func TestKillsLoseNothing(t *testing.T) {
	t.Parallel()
	api := shop.New(shop.Config{APIKey: "demo", Customers: 50, Orders: *orders})
	srv := httptest.NewServer(api)
	t.Cleanup(srv.Close)
	configuration := fmt.Sprintf(`{"api_key":"demo","base_url":%q}`, srv.URL)

	clean := newBench(t, configuration)
	began := time.Now()
	out, failed := clean.penstock("sync", "--", program("restapi"))
	require.False(t, failed, out)
	took := time.Since(began)
	want := clean.contents()

	b := newBench(t, configuration)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	whole, resumed := 0, 0
	for n := 0; n < *kills; {
		killed, err := b.syncAndKill(r, took*5/4)
		if killed {
			n++
		}
		if err != nil {
			resumed += b.isAtACheckpoint(clean)
			continue
		}
		whole++
		require.Equal(t, want, b.contents(), "the warehouse after killed syncs and a complete one")
		out, failed := b.penstock("reset")
		require.False(t, failed, out)
	}
	out, failed = b.penstock("sync", "--", program("restapi"))
	require.False(t, failed, out)
	assert.Equal(t, want, b.contents())
	t.Logf("%d kills; %d syncs completed, %d were killed after a checkpoint", *kills, whole, resumed)
}

// syncAndKill runs a sync and, after a random time, kills penstock, the connector or both.
// It reports whether it did so before the sync ended, and returns the error of penstock. A
// sync that was not killed must succeed.
func (b *bench) syncAndKill(r *rand.Rand, limit time.Duration) (killed bool, err error) {
	b.Helper()
	pidFile := filepath.Join(b.dir, "pid")
	require.NoError(b, os.RemoveAll(pidFile))
	// The shell writes its process ID to a file and becomes the connector.
	cmd := b.command("sync", "--", "sh", "-c", `echo $$ >"$1"; exec "$2"`, "sh", pidFile, program("restapi"))
	var printed output
	cmd.Stdout, cmd.Stderr = &printed, &printed
	require.NoError(b, cmd.Start())
	done := make(chan struct{})
	timer := time.AfterFunc(time.Duration(r.Int64N(int64(limit))), func() {
		defer close(done)
		what := r.IntN(3)
		if what != 0 {
			if text, err := os.ReadFile(pidFile); err == nil {
				if pid, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil {
					_ = syscall.Kill(pid, syscall.SIGKILL) // it may have exited
				}
			}
		}
		if what != 1 {
			_ = cmd.Process.Kill() // it may have exited
		}
	})
	err = cmd.Wait()
	if timer.Stop() {
		require.NoError(b, err, printed.String())
		return false, nil
	}
	<-done
	return true, err
}

// isAtACheckpoint checks that the warehouse holds the orders that a clean one has up to
// the state's cursor, and no later ones. It returns 1 if there is a state, and 0
// otherwise.
func (b *bench) isAtACheckpoint(clean *bench) int {
	b.Helper()
	if _, err := os.Stat(filepath.Join(b.dir, "files", "warehouse.db")); err != nil {
		return 0
	}
	out, failed := b.penstock("query", "-format", "csv", `SELECT coalesce((SELECT value ->> '$.orders.cursor' FROM _penstock_meta WHERE name = 'state'), ''),
		(SELECT count(*) FROM shop.orders WHERE updated_at < (SELECT value ->> '$.orders.cursor' FROM _penstock_meta WHERE name = 'state')), coalesce((SELECT max(updated_at) FROM shop.orders), '')`)
	if failed { // the sync was killed before there was a table
		assert.Contains(b, out, "no such table")
		return 0
	}
	_, row, _ := strings.Cut(strings.TrimSpace(out), "\n")
	got := strings.Split(row, ",")
	want := clean.query("SELECT count(*) FROM shop.orders WHERE updated_at < '" + got[0] + "'")
	assert.Equal(b, want, got[1], "the orders before the state's cursor")
	assert.LessOrEqual(b, got[2], got[0], "the newest order in the warehouse must not be later than the state's cursor")
	if got[0] == "" {
		return 0
	}
	return 1
}
