package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
	"github.com/penstock-sdk/penstock/connector/stdin"
)

// A delivery is a running sync.
type delivery struct {
	run       *run
	connector *connector
	selection *selection
	replacer  *replacer // used only by the goroutine that reads the lines
	warehouse *warehouse.Warehouse
	screen    *screen
	summary   *summary
	explainer *explainer

	edited   bool // the state file was edited or removed since the last sync
	pending  int  // records since the last checkpoint
	mirrored time.Time
	severe   string
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
	batches := newBatches(p.stdout, d.replacer)
	failure := d.apply(batches, p)
	if failure != nil {
		cancel() // no further line can be applied
	}
	// The connector cannot exit while either of its pipes is full.
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
	case failure != nil: // how the process ended is only a consequence of it
		err = failure
	case err == nil || ctx.Err() != nil:
		err = d.judge(ctx, status)
	}
	if err != nil {
		s.Error = err.Error()
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
	}
	d.screen.finish(d)
	return errors.Join(err, s.keep(d.warehouse))
}

// judge returns the error of a sync whose lines were all applied, if it failed.
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
		return fmt.Errorf("the connector exited with status %d without a LOG line of level SEVERE%s", status, lost)
	case d.last != stdin.State:
		return fmt.Errorf("the connector succeeded, but its last line is not a STATE%s", lost)
	}
	return nil
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

// commit commits the rows together with the state. The state file follows at most once
// every [mirrorEvery].
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
