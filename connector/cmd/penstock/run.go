package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/private"
	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/schema"
)

// A run holds what the command line of sync or watch specifies.
type run struct {
	command           []string
	configurationPath string
	selectionPath     string // "" selects everything
	dir               string // holds the warehouse and the state
	naming            warehouse.Naming
	explain           bool

	// These fields persist across the syncs of watch.
	configured []byte                   // the configuration file as this program last read or wrote it
	unstored   map[string]unstoredValue // by field
}

func (r *run) warehousePath() string { return filepath.Join(r.dir, "warehouse.db") }
func (r *run) previousPath() string  { return filepath.Join(r.dir, "previous.db") }
func (r *run) lockPath() string      { return filepath.Join(r.dir, ".lock") }
func (r *run) statePath() string     { return filepath.Join(r.dir, "state.json") }

// mirrorEvery is the minimum time between two updates of the state file.
const mirrorEvery = time.Second

// commandName returns the connector's name for the screen.
func (r *run) commandName() string {
	name := filepath.Base(r.command[0])
	return strings.TrimSuffix(name, ".exe")
}

// An ask requests an action from the connector and returns its answer.
type ask func(action string) ([]byte, error)

// sync does what a platform does. It requests the connector's spec, has it test the
// configuration, requests the schema, and applies a sync to the warehouse. The summary
// is nil if no sync was started.
func (r *run) sync(ctx context.Context, s *screen) (_ *summary, err error) {
	if err := private.CheckLink(r.configurationPath); err != nil {
		return nil, err
	}
	selection, err := readSelection(r.selectionPath)
	if err != nil {
		return nil, err
	}
	configuration, text, err := readConfiguration(r.configurationPath)
	r.configured = text
	if err != nil {
		return nil, err
	}
	c := &connector{command: r.command, secrets: configuration, selection: selection}
	leaks := &c.leaks
	leaks.know(everyField(configuration)) // until the spec is known, each may be secret
	s.masking(leaks.mask)
	stored := maps.Clone(configuration)
	r.current(configuration)
	defer func() {
		if err != nil {
			err = errors.New(leaks.text(err.Error(), "the error with which the sync failed"))
		}
		for _, warning := range leaks.warnings() {
			s.warn(warning)
		}
	}()
	replacer := &replacer{run: r, connector: c}
	log := &heldLog{pass: func(line string) { s.log(leaks.text(line, logPlace)) }}
	ask := func(action string) ([]byte, error) {
		answer, err := c.ask(ctx, action, log.log, replacer.replaced)
		if action == "spec" {
			if err != nil {
				err = errors.New(leaks.mask(err.Error())) // while all that may be secret is known
			}
			for _, fields := range []map[string]string{stored, configuration} {
				leaks.add(secretFields(answer, fields))
			}
			log.release()
			if err := leaks.data(answer, "the connector's spec"); err != nil {
				s.warn(err.Error())
			}
		}
		for _, warning := range replacer.unread() {
			s.warn(warning)
		}
		return answer, err
	}
	if err := r.checkSpec(ctx, s, replacer, ask); err != nil {
		return nil, err
	}
	if note := r.readable(leaks); note != "" {
		s.say("%s", note)
	}
	if err := testConfiguration(s, leaks, ask); err != nil {
		return nil, err
	}
	tables, err := selectedTables(s, selection, leaks, ask)
	if err != nil {
		return nil, err
	}
	return r.store(ctx, tables, &delivery{run: r, connector: c, selection: selection, replacer: replacer, screen: s})
}

// checkSpec requests the connector's spec, checks the configuration against it, and
// stores the secrets that were replaced meanwhile.
func (r *run) checkSpec(ctx context.Context, s *screen, replacer *replacer, ask ask) error {
	spec, err := ask("spec")
	learned := replacer.learn(spec)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		s.say("the connector has no spec, so the configuration is not checked: %v", err)
	default:
		if err := checkConfiguration(r.configurationPath, r.configured, replacer.connector.secrets, spec); err != nil {
			return err
		}
	}
	return learned
}

// testConfiguration has the connector test its configuration.
func testConfiguration(s *screen, leaks *leaks, ask ask) error {
	answer, err := ask("test")
	if err != nil {
		return fmt.Errorf("the connector could not test its configuration: %w", err)
	}
	ok, message, err := stdin.ParseTest(answer)
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("the connector's test of the configuration failed: %s", cmp.Or(message, "it gives no reason"))
	}
	s.say("test: %s", leaks.text(cmp.Or(message, "successful, without a message"), "the answer to the test"))
	return nil
}

// selectedTables requests the connector's schema and returns its selected tables.
func selectedTables(s *screen, selection *selection, leaks *leaks, ask ask) ([]*schema.Table, error) {
	answer, err := ask("schema")
	if err != nil {
		return nil, fmt.Errorf("the connector did not return its schema: %w", err)
	}
	if err := leaks.data(answer, "the connector's schema"); err != nil {
		return nil, err
	}
	tables, err := stdin.ParseSchema(answer)
	if err != nil {
		return nil, err
	}
	tables, warnings := selection.of(tables)
	for _, warning := range warnings {
		s.warn(warning)
	}
	return tables, nil
}

// store opens the warehouse and makes a delivery to it.
func (r *run) store(ctx context.Context, tables []*schema.Table, d *delivery) (_ *summary, err error) {
	notes, err := r.secure()
	if err != nil {
		return nil, err
	}
	for _, note := range notes {
		d.screen.say("%s", note)
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
		d.screen.say("%s was removed: the sync starts from the beginning", r.statePath())
	case edited && w.State() == "":
		d.screen.say("the warehouse is new, but %s exists: the sync starts from its state", r.statePath())
	case edited:
		d.screen.say("%s was edited: the sync starts from its state", r.statePath())
	case state == "":
		d.screen.say("first sync")
	}
	d.tables = tables
	d.warehouse, d.summary, d.edited = w, newSummary(w, state), edited
	if r.explain {
		d.explainer = newExplainer(d.summary.Began)
		w.Observe(d.explainer)
	}
	err = d.deliver(ctx, state)
	return d.summary, err
}

// logPlace names the connector's log in warnings.
const logPlace = "the log on standard error"

// secure creates the directory of the warehouse and keeps its files from other users. The
// notes say what others could read or replace.
func (r *run) secure() (notes []string, err error) {
	for _, path := range []string{r.warehousePath(), r.previousPath()} {
		more, err := warehouse.Secure(path, false)
		if err != nil {
			return nil, err
		}
		for _, note := range more {
			if !slices.Contains(notes, note) { // both are in the same directory
				notes = append(notes, note)
			}
		}
	}
	for _, path := range []string{r.statePath(), r.lockPath()} {
		note, err := private.File(path, false)
		if err != nil {
			return nil, err
		}
		if note != "" {
			notes = append(notes, note)
		}
	}
	return notes, nil
}

// readable returns a message if other users can read the configuration file and it holds a
// secret. The file belongs to the user, so its mode does not change.
func (r *run) readable(leaks *leaks) string {
	info, err := os.Stat(r.configurationPath)
	if err != nil || !private.Readable(info) || !leaks.in(r.configured) {
		return ""
	}
	return fmt.Sprintf("other users can read %s, which holds secrets: its mode is %04o; to prevent it: chmod 600 %[1]s", r.configurationPath, info.Mode().Perm())
}
