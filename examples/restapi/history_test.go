package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/examples/restapi/demoapi/shop"
)

// The length of TestNoRowIsLostWhateverUsersDo. For a longer test:
//
//	go test . -run Users -syncs 200
var (
	syncs = flag.Int("syncs", 15, "how many syncs a user's history has")
	seed  = flag.Uint64("seed", 1, "what happens in a user's history")
)

var tableNames = []string{"customers", "order_items", "orders"}

// A warehouse is what a platform stores: the rows of each table, by primary key, and
// the last state.
type warehouse struct {
	rows  map[string]map[string]string
	state map[string]json.RawMessage
}

func newWarehouse() *warehouse {
	w := &warehouse{rows: map[string]map[string]string{}}
	for _, name := range tableNames {
		w.rows[name] = map[string]string{}
	}
	return w
}

// store stores a line of an answer.
func (w *warehouse) store(t *testing.T, line *stdin.Line) {
	t.Helper()
	switch line.Kind {
	case stdin.State:
		w.state = nil
		require.NoError(t, json.Unmarshal(line.State, &w.state))
	case stdin.Record:
		var key struct {
			ID      int64 `json:"id"`
			OrderID int64 `json:"order_id"`
			Line    int   `json:"line"`
		}
		require.NoError(t, json.Unmarshal(line.Row, &key))
		if line.Op == stdin.Delete {
			delete(w.rows[line.Table], fmt.Sprint(key))
		} else {
			w.rows[line.Table][fmt.Sprint(key)] = string(line.Row)
		}
	}
}

// sync runs the program for the selected tables of a source and stores its answer. If
// kill is positive, it kills the program after that number of lines.
func (w *warehouse) sync(t *testing.T, program, baseURL string, selected []string, kill int) {
	t.Helper()
	tables := map[string]bool{}
	for _, name := range tableNames {
		tables[name] = slices.Contains(selected, name)
	}
	request, err := json.Marshal(map[string]any{
		"secrets":   map[string]string{"api_key": "key-0123456789", "base_url": baseURL, "page_size": "20"},
		"state":     w.state,
		"selection": map[string]any{"tables": map[string]any{"shop": tables}},
	})
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(request), io.Discard
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := stdin.NewReader(out)
	for n := 1; ; n++ {
		line, err := lines.Next()
		if err != nil {
			require.ErrorIs(t, err, io.EOF)
			break
		}
		w.store(t, line)
		if n == kill {
			_ = cmd.Process.Kill()
			break
		}
	}
	_ = cmd.Wait()
}

// reset deletes the rows and the state of one table.
func (w *warehouse) reset(table string) {
	clear(w.rows[table])
	delete(w.state, table)
}

// A failingSource is a source whose requests to a path fail.
type failingSource struct {
	http.Handler
	path atomic.Pointer[string]
	left atomic.Int64 // requests that still succeed
}

func (s *failingSource) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if path := s.path.Load(); path != nil && *path == r.URL.Path && s.left.Add(-1) < 0 {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	s.Handler.ServeHTTP(w, r)
}

// Users deselect tables, select them again and reset them. Tables fail, and the
// program is killed. After a last sync of all tables, the platform has the same rows
// as after a single sync.
func TestNoRowIsLostWhateverUsersDo(t *testing.T) {
	api := shop.New(shop.Config{APIKey: "key-0123456789", Customers: 10, Orders: 200})
	source := &failingSource{Handler: api}
	srv := httptest.NewServer(source)
	t.Cleanup(srv.Close)
	path := program(t)
	random := rand.New(rand.NewPCG(*seed, 0))
	w := newWarehouse()
	var history []string
	for range *syncs {
		for range random.IntN(4) {
			api.Touch(random.IntN(200))
		}
		if random.IntN(4) == 0 {
			api.Delete(random.IntN(200))
		}
		selected := slices.DeleteFunc(slices.Clone(tableNames), func(string) bool { return random.IntN(3) == 0 })
		kill := 0
		if random.IntN(3) == 0 {
			kill = 1 + random.IntN(300)
		}
		what := fmt.Sprintf("sync %s", strings.Join(selected, "+"))
		switch random.IntN(5) {
		case 0:
			table := tableNames[random.IntN(len(tableNames))]
			w.reset(table)
			what = "reset " + table + ", " + what
		case 1:
			path := []string{"/customers", "/orders"}[random.IntN(2)]
			source.left.Store(random.Int64N(8))
			source.path.Store(&path)
			what += ", failing " + path
		}
		history = append(history, fmt.Sprintf("%s, killed after %d", what, kill))
		w.sync(t, path, srv.URL, selected, kill)
		source.path.Store(nil)
	}
	w.sync(t, path, srv.URL, tableNames, 0)

	want := newWarehouse()
	whole := connectortest.Sync(t, &Connector{APIKey: "key-0123456789", BaseURL: srv.URL, PageSize: 500})
	for _, name := range tableNames {
		for _, row := range whole.Rows(name) {
			want.store(t, &stdin.Line{Kind: stdin.Record, Table: name, Row: row})
		}
		for _, row := range whole.Deletes(name) {
			want.store(t, &stdin.Line{Kind: stdin.Record, Op: stdin.Delete, Table: name, Row: row})
		}
		if !maps.Equal(want.rows[name], w.rows[name]) {
			state, _ := json.Marshal(w.state)
			assert.Equal(t, want.rows[name], w.rows[name], "table %s after seed %d:\n%s\nthe state: %s", name, *seed, strings.Join(history, "\n"), state)
		}
	}
}
