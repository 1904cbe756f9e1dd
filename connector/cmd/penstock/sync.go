package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
	"github.com/penstock-sdk/penstock/connector/stdin"
)

// A run is what the user asks for.
type run struct {
	command           []string
	configurationPath string
	selectionPath     string // "" selects everything
	dir               string // of the warehouse and the state
	naming            warehouse.Naming
	explain           bool

	// What outlives a sync, for watch makes many of them.
	configured []byte                   // the text of the configuration's file, as this program knows it
	unstored   map[string]unstoredValue // by field
}

func (r *run) warehousePath() string { return filepath.Join(r.dir, "warehouse.db") }
func (r *run) previousPath() string  { return filepath.Join(r.dir, "previous.db") }
func (r *run) lockPath() string      { return filepath.Join(r.dir, ".lock") }
func (r *run) statePath() string     { return filepath.Join(r.dir, "state.json") }

// mirrorEvery is how often the state's file follows the warehouse.
const mirrorEvery = time.Second

// sync does what a platform does: it asks the connector for its spec, tests the
// configuration, asks for the schema, and applies a sync to the warehouse. The
// summary is that of the sync, or nil if none was begun.
func (r *run) sync(ctx context.Context, s *screen) (_ *summary, err error) {
	selection, err := readSelection(r.selectionPath)
	if err != nil {
		return nil, err
	}
	configuration, text, err := readConfiguration(r.configurationPath)
	r.configured = text
	if err != nil {
		return nil, err
	}
	r.current(configuration)
	c := &connector{command: r.command, secrets: configuration, selection: selection}
	replacer := &replacer{run: r, connector: c}
	ask := func(action string) ([]byte, error) {
		answer, err := c.ask(ctx, action, s.log, replacer.replaced)
		for _, warning := range replacer.unread() {
			s.warn(warning)
		}
		return answer, err
	}
	spec, err := ask("spec")
	learned := replacer.learn(spec)
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil:
		s.say("the connector has no spec (%v): the configuration is not checked", err)
	default:
		if err := checkConfiguration(r.configurationPath, configuration, spec); err != nil {
			if r.configured == nil {
				err = missingFile(r.configurationPath, spec, err)
			}
			return nil, err
		}
	}
	if learned != nil {
		return nil, learned
	}
	answered, err := ask("test")
	if err != nil {
		return nil, fmt.Errorf("the connector could not test its configuration: %w", err)
	}
	ok, message, err := stdin.ParseTest(answered)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("the connector's test of the configuration failed: %s", message)
	}
	s.say("test: %s", message)
	if answered, err = ask("schema"); err != nil {
		return nil, fmt.Errorf("the connector has no schema: %w", err)
	}
	tables, err := stdin.ParseSchema(answered)
	if err != nil {
		return nil, err
	}
	tables, warnings := selection.of(tables)
	for _, warning := range warnings {
		s.warn(warning)
	}

	lock, err := warehouse.TakeLock(r.lockPath())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	if err := keepPrevious(r.warehousePath(), r.previousPath()); err != nil {
		return nil, err
	}
	w, err := warehouse.Open(r.warehousePath(), r.naming)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	if err := w.Declare(tables); err != nil {
		return nil, err
	}
	state, edited, err := beginFrom(w, r.statePath())
	if err != nil {
		return nil, err
	}
	switch {
	case edited && state == "":
		s.say("%s was removed: the sync begins from nothing", r.statePath())
	case edited && w.State() == "":
		s.say("the warehouse is new, and %s is not: the sync begins from what it says", r.statePath())
	case edited:
		s.say("%s was edited: the sync begins from what it says", r.statePath())
	case state == "":
		s.say("first sync")
	}
	d := &delivery{run: r, connector: c, selection: selection, replacer: replacer, warehouse: w, screen: s, summary: newSummary(w, state), edited: edited}
	if r.explain {
		d.explainer = newExplainer(d.summary.Began)
		w.Observe(d.explainer)
	}
	err = d.deliver(ctx, state)
	return d.summary, err
}

// A delivery is a sync while it is made.
type delivery struct {
	run       *run
	connector *connector
	selection *selection
	replacer  *replacer // of the goroutine that reads the lines
	warehouse *warehouse.Warehouse
	screen    *screen
	summary   *summary
	explainer *explainer

	edited   bool // the state's file was, by someone else
	pending  int  // records since the last checkpoint
	mirrored time.Time
	severe   string
	last     stdin.Kind
}

// deliver makes the sync. Its error says why not everything was delivered; what
// was, up to the last checkpoint, is in the warehouse.
func (d *delivery) deliver(ctx context.Context, state string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p, err := d.connector.start(ctx, "sync", state)
	if err != nil {
		return err
	}
	batches := newBatches(p.stdout, d.replacer)
	failure := d.apply(batches, p)
	if failure != nil {
		cancel() // a connector whose lines nobody can apply is of no use
	}
	// Both are read to their end, or it could not end.
	var drained sync.WaitGroup
	drained.Go(func() {
		for range p.logs {
		}
	})
	for b := range batches.read {
		batches.done(b)
	}
	drained.Wait()
	status, err := p.wait()
	s := d.summary
	s.finish(p.cmd.ProcessState, status, batches)
	switch {
	case failure != nil: // of which the end of the process is only a consequence
		err = failure
	case err == nil || ctx.Err() != nil:
		err = d.judge(ctx, status)
	}
	if err != nil {
		s.Error = err.Error()
	}
	// What came after the last checkpoint comes again.
	if rollback := d.warehouse.Rollback(); rollback != nil {
		err = errors.Join(err, rollback)
	}
	if s.Checkpoints > 0 || !d.edited { // or what was edited would be undone
		err = errors.Join(err, mirror(d.warehouse, d.run.statePath()))
	}
	if countErr := s.count(d.warehouse, d.selection); countErr != nil {
		err = errors.Join(err, countErr)
	}
	if d.explainer != nil {
		d.explainer.conclude(s)
	}
	d.screen.finish(d)
	return errors.Join(err, s.keep(d.warehouse))
}

// judge says what is wrong with a sync whose lines were all applied.
func (d *delivery) judge(ctx context.Context, status int) error {
	lost := d.lost()
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("%w%s", context.Cause(ctx), lost)
	case status < 0:
		return fmt.Errorf("the connector was killed%s", lost)
	case status != 0 && d.severe != "":
		return fmt.Errorf("the connector failed: %s%s", d.severe, lost)
	case status != 0:
		return fmt.Errorf("the connector ended with exit status %d, and no line of level SEVERE says why%s", status, lost)
	case d.last != stdin.State:
		return fmt.Errorf("the connector succeeded without a STATE as its last line%s", lost)
	}
	return nil
}

// lost says what came after the last checkpoint.
func (d *delivery) lost() string {
	switch d.pending {
	case 0:
		return ""
	case 1:
		return "; 1 record after the last STATE is not kept, and comes again"
	}
	return fmt.Sprintf("; %d records after the last STATE are not kept, and come again", d.pending)
}

// apply applies all lines, and shows how it goes.
func (d *delivery) apply(batches *batches, p *process) error {
	tick := time.NewTicker(d.screen.interval())
	defer tick.Stop()
	logs := p.logs
	for {
		select {
		case b, ok := <-batches.read:
			if !ok {
				for line := range p.logs {
					d.log(line)
				}
				if batches.err != nil {
					return fmt.Errorf("%w%s", batches.err, d.lost())
				}
				return nil
			}
			d.summary.Bytes = b.bytes
			if err := d.batch(b); err != nil {
				return err
			}
			batches.done(b)
		case line, ok := <-logs:
			if !ok {
				logs = nil
				continue
			}
			d.log(line)
		case <-tick.C:
			d.screen.progress(d)
		}
	}
}

func (d *delivery) log(line string) {
	d.summary.logged(line)
	d.screen.log(line)
}

func (d *delivery) batch(b *batch) error {
	for i := range b.lines {
		line := &b.lines[i]
		d.last = line.kind
		switch line.kind {
		case stdin.Record:
			if err := d.selection.check(line.schema, line.table, line.value); err != nil {
				return fmt.Errorf("line %d of the answer: %w%s", line.number, err, d.lost())
			}
			if err := d.warehouse.Apply(line.op, line.schema, line.table, line.value); err != nil {
				return fmt.Errorf("line %d of the answer: %w%s", line.number, err, d.lost())
			}
			d.pending++
		case stdin.State:
			if err := d.commit(line.value); err != nil {
				return err
			}
		case stdin.Log:
			message := string(line.value)
			switch line.level {
			case "SEVERE":
				d.severe = message
			case "WARNING":
				d.summary.Warnings = append(d.summary.Warnings, message)
				d.screen.warn(message)
			default:
				d.screen.say("%s", message)
			}
		case stdin.Secrets:
			for _, warning := range line.warnings {
				d.summary.Warnings = append(d.summary.Warnings, warning)
				d.screen.warn(warning)
			}
		}
	}
	return nil
}

func (d *delivery) commit(state []byte) error {
	if err := d.warehouse.Commit(state); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	d.pending = 0
	d.summary.checkpoint(state)
	if time.Since(d.mirrored) < mirrorEvery {
		return nil
	}
	d.mirrored = time.Now()
	return mirror(d.warehouse, d.run.statePath())
}

// batches are lines that one goroutine reads while another one applies those
// before. There are only so many at a time.
type batches struct {
	read     chan *batch
	free     chan *batch
	err      error // why read ended, nil for the end of the answer
	lines    *stdin.Reader
	replacer *replacer
}

// A batch is some lines, with the memory that holds them.
type batch struct {
	lines []batchLine
	text  []byte
	bytes int64 // of the answer up to its end
}

type batchLine struct {
	kind          stdin.Kind
	op            stdin.Op
	schema, table string
	level         string
	value         []byte // the row, the state or the message
	number        int
	warnings      []string // about values that were replaced
}

const (
	batchLines = 500
	batchBytes = 256 << 10
	batchCount = 4
)

func newBatches(r io.Reader, replacer *replacer) *batches {
	b := &batches{read: make(chan *batch), free: make(chan *batch, batchCount), lines: stdin.NewReader(r), replacer: replacer}
	for range batchCount {
		b.free <- &batch{}
	}
	go b.fill()
	return b
}

// done gives the memory of a batch back.
func (b *batches) done(done *batch) { b.free <- done }

func (b *batches) fill() {
	defer close(b.read)
	for {
		next := <-b.free
		next.lines, next.text = next.lines[:0], next.text[:0]
		for len(next.lines) < batchLines && len(next.text) < batchBytes {
			line, err := b.lines.Next()
			if err == nil && line.Kind == stdin.Secrets {
				if err = b.replacer.replaced(line.Secrets); err != nil {
					err = fmt.Errorf("line %d of the answer: %w", b.lines.Lines(), err)
				}
			}
			if err != nil {
				if len(next.lines) > 0 {
					next.settle(b.lines.Bytes())
					b.read <- next
				}
				if err != io.EOF {
					b.err = err
				}
				return
			}
			next.add(line, b.lines.Lines(), b.replacer.unread())
			if line.Kind != stdin.Record || !b.lines.Buffered() {
				break // a checkpoint waits for no line after it, and no line for one that is to come
			}
		}
		next.settle(b.lines.Bytes())
		b.read <- next
	}
}

// add copies a line, which is good only until the next one. Its bytes have their
// place when the batch is settled.
func (b *batch) add(line *stdin.Line, number int, warnings []string) {
	value := line.Row
	switch line.Kind {
	case stdin.State:
		value = line.State
	case stdin.Log:
		value = []byte(line.Message)
	}
	b.text = append(b.text, value...)
	b.lines = append(b.lines, batchLine{
		kind: line.Kind, op: line.Op, schema: line.Schema, table: line.Table, level: line.Level,
		value: b.text[len(b.text)-len(value):], number: number, warnings: warnings,
	})
}

// settle points each line to its bytes, which moved as the batch grew.
func (b *batch) settle(bytes int64) {
	b.bytes = bytes
	at := 0
	for i := range b.lines {
		n := len(b.lines[i].value)
		b.lines[i].value = b.text[at : at+n : at+n]
		at += n
	}
}

// commandName is how the connector is called on the screen.
func (r *run) commandName() string {
	name := filepath.Base(r.command[0])
	return strings.TrimSuffix(name, ".exe")
}
