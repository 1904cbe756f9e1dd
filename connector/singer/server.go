package singer

import (
	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
)

// A server executes one command line.
type server struct {
	name    string // of the program
	version string // of the program
	lines   *host.LineWriter
	run     *host.Run
}

// keepsSecrets makes connector.ReplaceSecret return ErrNotReplaced, because no message
// can hand a new value to the platform.
var keepsSecrets = host.ReplacedSecretsTo(nil)

// answer executes the command line.
func (s *server) answer(f *flags) error {
	err := s.do(f)
	if len(f.configs) == 0 && connector.KindOf(err) == connector.Configuration {
		err = &connector.Error{Kind: connector.Configuration, Hint: "name the file with the configuration with --config", Err: err}
	}
	return s.finish(err)
}

// finish ends the run. It returns the failure after logging it.
func (s *server) finish(err error) error { return s.run.Finish(err, s.lines, nil) }

// do executes the command line. It does not read files that the command does not need,
// because Meltano passes the files of the last sync with every command.
func (s *server) do(f *flags) error {
	switch {
	case f.version:
		return s.lines.Line("", []byte(s.name+" "+s.version), "")
	case f.about:
		return s.about(f.format)
	}
	configuration, err := readConfiguration(f.configs)
	if err != nil {
		return err
	}
	configErr := s.run.Configure(configuration)
	switch {
	case f.discover:
		return s.discover()
	case f.test == testConnection:
		return s.test()
	}
	if configErr != nil {
		return configErr
	}
	return s.sync(f)
}

// test checks the connection. The exit status is the result.
func (s *server) test() error {
	if err := s.run.Test(); err != nil {
		return err
	}
	s.run.Log().Info("the connection works")
	return nil
}

// discover writes the catalog.
func (s *server) discover() error {
	tables, err := s.run.Schema()
	if err != nil {
		return err
	}
	all, err := newStreams(tables)
	if err != nil {
		return err
	}
	all.warnAboutMarks(s.run.Log())
	return s.lines.Line("", all.catalog(), "")
}

// sync runs a sync, or only writes the SCHEMA messages with which it begins.
func (s *server) sync(f *flags) error {
	tables, err := s.run.Schema()
	if err != nil {
		return err
	}
	all, err := newStreams(tables)
	if err != nil {
		return err
	}
	all.warnAboutMarks(s.run.Log())
	if f.catalog != "" {
		if err := all.choose(f.catalog, s.run.Log()); err != nil {
			return err
		}
	}
	w := newWire(s.lines, s.run.Log(), all)
	if f.test == testSchema {
		return w.begin()
	}
	saved, err := all.readState(f.state, s.run)
	if err != nil {
		return err
	}
	if err := s.run.Sync(host.SyncRequest{State: saved, Selection: all.selection, WholeRows: true}, w); err != nil {
		return err
	}
	if s.run.EndedEarly() {
		return nil
	}
	return w.activate()
}
