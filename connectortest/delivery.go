package connectortest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/transport"
)

// A journey is a sync that is to be made.
type journey struct {
	// from is the state to begin at.
	from json.RawMessage
	// into is where the operations go; nil is a new platform.
	into *Destination
	// selection is what is wanted of the source, as a request holds it.
	selection json.RawMessage
	// before is called before each operation is applied, counted from 0. Its
	// error cuts the stream: the operation does not arrive.
	before func(n int, op *host.Operation) error
	// cancel is filled with what tells the sync to end, before it begins.
	cancel *context.CancelCauseFunc
	// network replaces the network of the connector's clients.
	network http.RoundTripper
	// connector is another one than the suite's.
	connector connector.Connector
	// limit is how long the sync may take; 0 is the suite's tooLong.
	limit time.Duration
	// watched says that goroutines that the sync leaves behind are looked for.
	watched bool
}

// A delivery is a sync that was made.
type delivery struct {
	into       *Destination
	err        error
	state      json.RawMessage // of its last checkpoint
	log        string
	began      time.Time
	ended      time.Time
	hung       bool     // it was ended because it seemed never to end
	haunted    bool     // by what virtual time has left behind
	refused    string   // rows that the connector has passed over
	late       bool     // it did not end when it was told to
	goroutines []string // that the sync has left behind
}

// errHung ends a sync that seems never to end.
var errHung = errors.New("connectortest: the sync does not end")

// failure returns the sync's error as a report has it, with the end of its log.
func (d *delivery) failure() string {
	text := d.err.Error()
	if !errors.As(d.err, new(*exitError)) { // a process does not say the kind
		text += fmt.Sprintf(" (kind %v)", connector.KindOf(d.err))
	}
	if d.hung {
		text = fmt.Sprintf("it did not end within %v", d.ended.Sub(d.began).Round(time.Second))
		if d.haunted {
			text += "; it may wait for a lock of the whole process that is held where virtual time stands, as was logged: then Network is for it, in place of Source"
		}
	}
	if d.log != "" {
		text += "\nthe end of its log:\n    " + strings.ReplaceAll(strings.TrimSpace(d.log), "\n", "\n    ")
	}
	return text
}

// travel makes a sync with a fresh copy of the connector.
func (s *suite) travel(ctx context.Context, j journey) *delivery {
	if s.program != nil {
		return s.program.travel(ctx, j)
	}
	s.steps.Add(1)
	if s.isVirtual() { // or else all syncs would be made at the same instant
		time.Sleep(1234567 * time.Microsecond)
	}
	d := &delivery{into: j.into, began: time.Now(), haunted: s.real}
	if d.into == nil {
		d.into = &Destination{}
	}
	if j.connector == nil {
		j.connector = s.connector
	}
	if j.network == nil {
		j.network = s.network
	}
	selection, err := stdin.ParseSelection(j.selection)
	if err != nil {
		d.err, d.ended = err, d.began
		return d
	}
	if j.limit == 0 {
		j.limit = s.tooLong
	}
	ctx, stop := context.WithTimeoutCause(ctx, j.limit, errHung)
	defer stop()
	deadline := ctx
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var told atomic.Pointer[time.Time]
	if j.cancel != nil {
		*j.cancel = func(cause error) {
			now := time.Now()
			told.CompareAndSwap(nil, &now)
			cancel(cause)
		}
	}
	if j.network != nil {
		ctx = transport.NewContext(ctx, j.network)
	}
	n := 0
	write := func(op *host.Operation) error {
		s.steps.Add(1)
		if op.Kind == host.OpTableBegin || op.Kind == host.OpTableEnd {
			return nil // which a program does not say
		}
		err := d.take(op, n, j.before)
		n++
		return err
	}
	log := &tail{}
	marked(ctx, func(ctx context.Context, mark string) {
		d.err = syncOnce(ctx, j.connector, host.SyncRequest{State: j.from, Selection: selection},
			host.DestinationFunc(write),
			host.CheckpointEvery(0, 0),
			host.ProgressEvery(0),
			host.Grace(promptly),
			host.LogTo(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelWarn})))
		d.ended = time.Now()
		d.hung = d.err != nil && deadline.Err() != nil
		if at := told.Load(); at != nil {
			d.late = d.ended.Sub(*at) >= promptly
		}
		if j.watched {
			d.goroutines = leftBehind(mark)
		}
	})
	d.log = log.text()
	return d
}

// syncOnce configures a copy of a connector and runs one sync of it.
func syncOnce(ctx context.Context, c connector.Connector, req host.SyncRequest, dst host.Destination, opts ...host.Option) error {
	run, err := configured(ctx, c, opts...)
	if err != nil {
		return err
	}
	if err := run.Sync(req, dst); err != nil {
		_ = run.Close() // the first error says more
		return err
	}
	return run.Close()
}

// take does with an operation, the nth, what a platform does.
func (d *delivery) take(op *host.Operation, n int, before func(int, *host.Operation) error) error {
	if before != nil {
		if err := before(n, op); err != nil {
			return err
		}
	}
	switch op.Kind {
	case host.OpCheckpoint:
		d.state = bytes.Clone(op.State)
	case host.OpWarning:
		if strings.Contains(op.Message, "rows were refused and are not delivered") {
			d.refused = op.Message
		}
	}
	return d.into.Write(op)
}

// uninterrupted returns the sync that all others are compared with: from
// nothing to the end, with nothing in its way. It is made once; if it fails,
// the first subtest that needs it says so, and the others can say nothing.
func (s *suite) uninterrupted(c *check) *delivery {
	switch {
	case s.succeeds(c):
	case !s.reported:
		s.reported = true
		c.rule.mend = "see the error and the log, and whether the source is there and as the connector's fields say"
		c.hopeless("a sync from nothing failed: %s%s", s.whole.failure(), s.unasked())
	default:
		c.Skipf("skipped: a sync from nothing fails, as was reported; there is nothing to compare with")
	}
	return s.whole
}

// succeeds reports whether an uninterrupted sync does.
func (s *suite) succeeds(c *check) bool {
	s.once.Do(func() { s.whole = s.travel(context.WithoutCancel(c.Context()), journey{}) })
	return s.whole.err == nil
}

// compare is what counts between syncs of which one was resumed.
func (s *suite) compare() comparison { return comparison{volatile: s.volatile, overlap: true} }

// compareWhole is what counts between syncs that came to their end.
func (s *suite) compareWhole() comparison { return comparison{volatile: s.volatile} }

// completes goes on from where a platform stands, to the end, and reports what
// is then not as an uninterrupted sync leaves it. Of the sync before, how says
// what became.
func (s *suite) completes(c *check, d *Destination, how string) (ok bool) {
	whole := s.uninterrupted(c)
	at := d.lastState()
	last := s.travel(c.Context(), journey{from: at, into: d})
	if last.err != nil {
		c.broken("a sync was %s; the one that went on from its last state failed: %s\nthe state: %s", how, last.failure(), at)
		return false
	}
	if diff := s.compare().diff(d, whole.into); diff != "" {
		if s.first != "" && s.first != c.rule.name {
			c.rule.mend = "mend first what " + s.first + " reports, of which this may be no more than a consequence"
		}
		c.broken("a sync was %s, and another went on from its last state to the end; together they delivered something else than one sync does:\n%s\nthe state: %s", how, diff, at)
		return false
	}
	return true
}

// tail keeps the end of a log.
type tail struct {
	mu    sync.Mutex
	lines []string
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lines = append(t.lines, string(p)); len(t.lines) > 10 {
		t.lines = t.lines[1:]
	}
	return len(p), nil
}

func (t *tail) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(t.lines, "")
}

var errCut = errors.New("connectortest: the stream is cut here")
