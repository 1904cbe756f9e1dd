package connectortest_test

import (
	"bufio"
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A database is a server with a protocol of lines. A client sends "LOGIN password",
// and then "SELECT table id" any number of times, for the rows of a table from an id
// on. The answer to the first is OK, and to the second a line for each row and END.
// Instead of both, ERR and a text may follow.
type database struct {
	password string
	tables   map[string][]string // rows in JSON, by their id, starting at 1
	listener net.Listener
	served   sync.WaitGroup
	answered atomic.Int64 // queries whose last line was sent

	mu    sync.Mutex
	conns map[net.Conn]bool
}

// newDatabase starts a database on the loopback interface.
func newDatabase(t *testing.T, tables map[string][]string) *database {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	db := &database{password: "password-0123456789", tables: tables, listener: listener, conns: map[net.Conn]bool{}}
	db.served.Go(db.accept)
	t.Cleanup(func() {
		_ = listener.Close()
		db.mu.Lock()
		for conn := range db.conns {
			_ = conn.Close()
		}
		db.conns = nil
		db.mu.Unlock()
		db.served.Wait()
	})
	return db
}

func (db *database) address() string { return db.listener.Addr().String() }

// waitFor returns a function that waits until n queries were answered, and then a
// moment longer.
func (db *database) waitFor(n int64) func(time.Duration) {
	return func(d time.Duration) {
		for deadline := time.Now().Add(time.Minute); db.answered.Load() < n && time.Now().Before(deadline); {
			time.Sleep(time.Millisecond)
		}
		time.Sleep(d)
	}
}

func (db *database) accept() {
	for {
		conn, err := db.listener.Accept()
		if err != nil {
			return
		}
		db.mu.Lock()
		open := db.conns != nil
		if open {
			db.conns[conn] = true
		}
		db.mu.Unlock()
		if !open {
			_ = conn.Close()
			return
		}
		db.served.Go(func() {
			db.serve(conn)
			_ = conn.Close()
			db.mu.Lock()
			defer db.mu.Unlock()
			delete(db.conns, conn)
		})
	}
}

func (db *database) serve(conn net.Conn) {
	in, out := bufio.NewScanner(conn), bufio.NewWriter(conn)
	for in.Scan() {
		command, argument, _ := strings.Cut(in.Text(), " ")
		switch {
		case command == "LOGIN" && argument == db.password:
			fmt.Fprintln(out, "OK")
		case command == "LOGIN":
			fmt.Fprintln(out, "ERR the password is wrong")
		default:
			var table string
			var from int
			_, _ = fmt.Sscan(argument, &table, &from)
			for _, row := range db.tables[table][min(max(from-1, 0), len(db.tables[table])):] {
				fmt.Fprintln(out, row)
			}
			fmt.Fprintln(out, "END")
		}
		if out.Flush() != nil {
			return
		}
		if command == "SELECT" {
			db.answered.Add(1)
		}
	}
}

// A databaseDriver connects package database/sql with a database.
type databaseDriver struct{ address, password string }

func (d databaseDriver) Driver() driver.Driver            { return d }
func (d databaseDriver) Open(string) (driver.Conn, error) { return nil, errors.ErrUnsupported }

func (d databaseDriver) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "tcp", d.address)
	if err != nil {
		return nil, err
	}
	c := &databaseConn{conn: conn, in: bufio.NewReader(conn)}
	answer, err := c.ask(ctx, "LOGIN "+d.password)
	if err == nil && answer != "OK" {
		err = refusedLogin(answer)
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return c, nil
}

// A refusedLogin is the error of a wrong password.
type refusedLogin string

func (e refusedLogin) Error() string       { return "log in: " + string(e) }
func (e refusedLogin) Configuration() bool { return true }

type databaseConn struct {
	conn   net.Conn
	in     *bufio.Reader
	broken bool
}

// line reads a line of an answer.
func (c *databaseConn) line() (string, error) {
	text, err := c.in.ReadString('\n')
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		c.broken = true
		return "", fmt.Errorf("read from the database: %w", err)
	}
	return strings.TrimSuffix(text, "\n"), nil
}

// ask sends a line and reads the first line of the answer.
func (c *databaseConn) ask(ctx context.Context, text string) (string, error) {
	defer c.interruptBy(ctx)()
	if _, err := fmt.Fprintln(c.conn, text); err != nil {
		return "", driver.ErrBadConn // nothing was read: database/sql connects again
	}
	return c.line()
}

// interruptBy makes reads and writes fail once the context is done, until stop is
// called.
func (c *databaseConn) interruptBy(ctx context.Context) (stop func()) {
	stopped := context.AfterFunc(ctx, func() { _ = c.conn.SetDeadline(time.Unix(1, 0)) })
	return func() {
		if !stopped() {
			c.broken = true
		}
	}
}

func (c *databaseConn) QueryContext(ctx context.Context, query string, _ []driver.NamedValue) (driver.Rows, error) {
	first, err := c.ask(ctx, query)
	if err != nil {
		return nil, err
	}
	return &databaseRows{conn: c, next: first, stop: c.interruptBy(ctx)}, nil
}

func (c *databaseConn) IsValid() bool                       { return !c.broken }
func (c *databaseConn) Close() error                        { return c.conn.Close() }
func (c *databaseConn) Prepare(string) (driver.Stmt, error) { return nil, errors.ErrUnsupported }
func (c *databaseConn) Begin() (driver.Tx, error)           { return nil, errors.ErrUnsupported }

type databaseRows struct {
	conn *databaseConn
	next string // the line that was read ahead, or ""
	done bool
	stop func()
}

func (r *databaseRows) Columns() []string { return []string{"row"} }

func (r *databaseRows) Next(into []driver.Value) error {
	line := r.next
	r.next = ""
	if line == "" {
		var err error
		if line, err = r.conn.line(); err != nil {
			return err
		}
	}
	if line == "END" {
		r.done = true
		return io.EOF
	}
	into[0] = json.RawMessage(line)
	return nil
}

func (r *databaseRows) Close() error {
	r.stop()
	if !r.done {
		r.conn.broken = true // the rest of the answer was not read
	}
	return nil
}
