package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
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

func (r *run) previousPath() string { return filepath.Join(r.dir, "previous.db") }

func (r *run) lockPath() string { return filepath.Join(r.dir, ".lock") }

func (r *run) statePath() string { return filepath.Join(r.dir, "state.json") }

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

// commandName is how the connector is called on the screen.
func (r *run) commandName() string {
	name := filepath.Base(r.command[0])
	return strings.TrimSuffix(name, ".exe")
}
