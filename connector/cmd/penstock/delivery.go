package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/schema"
)

// A delivery is a running sync.
type delivery struct {
	run       *run
	connector *connector
	selection *selection
	replacer  *replacer // used only by the goroutine that reads the lines
	warehouse *warehouse.Warehouse
	screen    *screen
	tables    []*schema.Table
	summary   *summary
	explainer *explainer

	edited   bool // the state file was edited or removed since the last sync
	pending  int  // records since the last checkpoint
	mirrored time.Time
	severe   string
	held     string // a log line of level ERROR that is not printed yet
	last     stdin.Kind
}

// deliver runs the sync. If it fails, the warehouse holds everything up to the last
// checkpoint.
func (d *delivery) deliver(ctx context.Context, state string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p, err := d.connector.start(ctx, "sync", state)
	if err != nil {
		return err
	}
	batches := newBatches(&lineLimit{in: p.stdout}, d.replacer)
	failure := d.apply(batches, p)
	if failure != nil {
		cancel() // no further line can be applied
	}
	// The connector cannot exit while either of its pipes is full.
	var drained sync.WaitGroup
	drained.Go(func() {
		for b := range batches.read {
			batches.done(b)
		}
		_, _ = io.Copy(io.Discard, p.stdout) // what follows an error cannot be applied
	})
	for line := range p.logs { // it may explain the failure
		d.log(line)
	}
	d.endLog()
	drained.Wait()
	status, err := p.wait()
	s := d.summary
	s.finish(p.cmd.ProcessState, status, batches)
	switch {
	case failure != nil: // how the process ended is only a consequence of it
		err = failure
	case err == nil || ctx.Err() != nil:
		err = d.judge(ctx, status, p.cmd.ProcessState)
	}
	if err != nil {
		err = errors.New(d.connector.leaks.text(err.Error(), "the error with which the sync failed"))
		s.Error = d.screen.err.hidden(err.Error())
	}
	// The connector delivers the records after the last checkpoint again.
	if rollback := d.warehouse.Rollback(); rollback != nil {
		err = errors.Join(err, rollback)
	}
	if s.Checkpoints > 0 || !d.edited { // otherwise, this would undo the user's edit
		err = errors.Join(err, mirror(d.warehouse, d.run.statePath()))
	}
	if countErr := s.count(d.warehouse, d.selection); countErr != nil {
		err = errors.Join(err, countErr)
	}
	if d.explainer != nil {
		d.explainer.conclude(s)
	} else {
		s.replacing(d.warehouse)
	}
	s.Warnings = append(s.Warnings, d.connector.leaks.warnings()...)
	d.screen.finish(d)
	return errors.Join(err, s.keep(d.warehouse))
}

// judge returns the error of a sync whose lines were all applied, if it failed.
func (d *delivery) judge(ctx context.Context, status int, state *os.ProcessState) error {
	lost := d.lost()
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("%w%s", context.Cause(ctx), lost)
	case status < 0:
		return fmt.Errorf("%s%s%s", ending(state), d.reason(), lost)
	case status != 0 && d.severe != "":
		return fmt.Errorf("the connector failed%s%s", d.reason(), lost)
	case status != 0:
		return fmt.Errorf("the connector exited with status %d without a LOG line of level SEVERE%s", status, lost)
	case d.last != stdin.State:
		if d.severe != "" {
			return fmt.Errorf("the connector exited with status 0, although it reported a failure%s%s", d.reason(), lost)
		}
		return fmt.Errorf("the connector succeeded, but its last line is not a STATE%s", lost)
	}
	return nil
}

// reason returns the message of the last LOG line of level SEVERE, for the end of an error.
func (d *delivery) reason() string {
	if d.severe == "" {
		return ""
	}
	return ": " + shortened(sharingCauses(d.severe, d.tables), longestMessage/2)
}

// lost returns the end of an error's message. It reports the number of records after the
// last checkpoint.
func (d *delivery) lost() string {
	switch d.pending {
	case 0:
		return ""
	case 1:
		return "; 1 record after the last STATE was not stored and will be delivered again"
	}
	return fmt.Sprintf("; %d records after the last STATE were not stored and will be delivered again", d.pending)
}

// apply applies all lines and shows the progress.
func (d *delivery) apply(batches *batches, p *process) error {
	tick := time.NewTicker(d.screen.interval())
	defer tick.Stop()
	logs := p.logs
	for {
		select {
		case b, ok := <-batches.read:
			if !ok {
				if batches.err != nil { // the connector may be waiting for its answer to be read
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
			d.release()
			d.screen.progress(d)
		}
	}
}

// log prints a line of the connector's log. An error is held until the next line or the next
// progress, because the last one may be that with which the sync fails.
func (d *delivery) log(line string) {
	d.summary.logged(line)
	d.release()
	line = d.connector.leaks.text(line, logPlace)
	if level, _ := readLog(line); level == "ERROR" {
		d.held = line
		return
	}
	d.screen.log(line)
}

// release prints the line that is held.
func (d *delivery) release() {
	if d.held != "" {
		d.screen.log(d.held)
		d.held = ""
	}
}

// endLog prints the line that is held, unless the error of the sync will repeat it.
func (d *delivery) endLog() {
	var entry struct {
		Message string `json:"msg"`
	}
	if d.severe != "" && !d.screen.verbose && json.Unmarshal([]byte(d.held), &entry) == nil && entry.Message == d.severe {
		d.held = ""
	}
	d.release()
}

// batch applies the lines of a batch.
func (d *delivery) batch(b *batch) error {
	for i := range b.lines {
		line := &b.lines[i]
		d.last = line.kind
		switch line.kind {
		case stdin.Record:
			if err := d.selection.check(line.schema, line.table, line.value); err != nil {
				return fmt.Errorf("line %d of the answer: %w%s", line.number, err, d.lost())
			}
			row, err := d.connector.leaks.row(line.schema, line.table, line.value, d.column(line))
			if err != nil {
				return fmt.Errorf("line %d of the answer: %w%s", line.number, err, d.lost())
			}
			if err := d.warehouse.Apply(line.op, line.schema, line.table, row); err != nil {
				return fmt.Errorf("line %d of the answer: %w%s", line.number, err, d.lost())
			}
			d.pending++
		case stdin.State:
			if err := d.connector.leaks.data(line.value, "the state"); err != nil {
				return fmt.Errorf("line %d of the answer: %w%s", line.number, err, d.lost())
			}
			if err := d.commit(line.value); err != nil {
				return err
			}
		case stdin.Log:
			message := d.connector.leaks.text(string(line.value), "a LOG line")
			switch line.level {
			case "SEVERE":
				d.severe = message
			case "WARNING":
				d.summary.warn(message)
				d.screen.warn(message)
			default:
				d.screen.say("%s", message)
			}
		case stdin.Secrets:
			for _, warning := range line.warnings {
				d.summary.warn(warning)
				d.screen.warn(warning)
			}
		}
	}
	return nil
}

// column returns a function that returns what is known of a column of a line's table. A
// column that the schema does not declare, or not with a type, has the type that it has in
// the warehouse.
func (d *delivery) column(line *batchLine) func(name string) schema.Column {
	return func(name string) schema.Column {
		column := schema.Column{Name: name}
		for _, t := range d.tables {
			if t.Schema == line.schema && t.Name == line.table {
				if declared, ok := t.Column(name); ok {
					column = declared
				}
				break
			}
		}
		if column.Type == 0 {
			column.Type = d.warehouse.TypeOf(line.schema, line.table, name)
		}
		return column
	}
}

// commit commits the rows together with the state. The state file follows at most once
// every [mirrorEvery].
func (d *delivery) commit(state []byte) error {
	if err := d.warehouse.Commit(state); err != nil {
		return fmt.Errorf("write %s: %w%s", d.run.warehousePath(), err, d.lost())
	}
	d.pending = 0
	d.summary.checkpoint(state)
	if time.Since(d.mirrored) < mirrorEvery {
		return nil
	}
	d.mirrored = time.Now()
	return mirror(d.warehouse, d.run.statePath())
}
