package airbyte

import (
	"cmp"
	"context"

	"github.com/penstock-sdk/penstock/connector/host"
)

// A server answers one command.
type server struct {
	run      *host.Run
	wire     *wire
	reported bool // a TRACE message has reported the error of the command
}

// use sets the run of the server.
func (s *server) use(run *host.Run) {
	s.run = run
	s.wire.form = run.Form
}

// serve answers a command and closes the run. It returns the failure, after logging it
// and reporting it to the platform.
func (s *server) serve(ctx context.Context, line *commandLine) error {
	return s.run.Finish(s.answer(ctx, line), s.wire.lines, func(failure error, explanation string) error {
		if s.reported {
			return nil
		}
		return s.wire.report(explanation, failure, nil)
	})
}

// answer answers a command.
func (s *server) answer(ctx context.Context, line *commandLine) error {
	switch line.command {
	case commandSpec:
		return s.spec()
	case commandCheck:
		return s.check(ctx, line.config)
	case commandDiscover:
		return s.discover(line.config)
	}
	return s.read(line)
}

// configure reads the configuration from a file.
func (s *server) configure(path string) error {
	configuration, err := host.ReadObject(path)
	if err != nil {
		return err
	}
	s.wire.configuration = configuration
	return s.run.Configure(configuration)
}

func (s *server) spec() error {
	form, err := s.run.Form()
	if err != nil {
		return err
	}
	spec, err := connectionSpecification(form)
	if err != nil {
		return err
	}
	return s.wire.lines.JSON(&message{Type: "SPEC", Spec: &specification{
		ProtocolVersion: protocolVersion, SupportsIncremental: true, ConnectionSpecification: spec,
	}})
}

// check answers whether the connection works. If the run was told to end, check writes
// no answer.
func (s *server) check(ctx context.Context, path string) error {
	err := s.configure(path)
	if err == nil {
		err = s.run.Test()
	}
	if ctx.Err() != nil {
		return cmp.Or(err, context.Cause(ctx))
	}
	status := &connectionStatus{Status: "SUCCEEDED"}
	if err != nil {
		status = &connectionStatus{Status: "FAILED", Message: s.run.Explain(s.run.Classify(err))}
		s.run.Log().Warn("the check failed", "reason", status.Message)
	}
	return s.wire.lines.JSON(&message{Type: "CONNECTION_STATUS", ConnectionStatus: status})
}

func (s *server) discover(path string) error {
	if err := s.configure(path); err != nil {
		return err
	}
	tables, err := s.run.Schema()
	if err != nil {
		return err
	}
	return s.wire.lines.JSON(&message{Type: "CATALOG", Catalog: catalogOf(tables, s.run.Redact)})
}

// read runs a sync.
func (s *server) read(line *commandLine) error {
	if err := s.configure(line.config); err != nil {
		return err
	}
	configured, err := readCatalog(line.catalog)
	if err != nil {
		return err
	}
	tables, err := s.run.Schema()
	if err != nil {
		return err
	}
	index := newTableIndex(tables)
	chosen, err := choose(index, configured)
	if err != nil {
		return err
	}
	saved := new(savedState)
	if line.state != "" {
		if saved, err = readState(line.state, index); err != nil {
			return err
		}
	}
	for _, name := range saved.unknown {
		s.run.Log().Info("ignoring the state of a stream that the source does not have", "stream", name.shown())
	}
	joined, err := s.run.JoinState(saved.parts()...)
	if err != nil {
		return err
	}
	d := newDelivery(s.wire, s.run, tables, chosen.streams, saved)
	for _, warning := range chosen.warnings {
		if err := d.warn(warning); err != nil {
			return err
		}
	}
	if err := d.start(); err != nil {
		return err
	}
	err = s.run.Sync(host.SyncRequest{State: joined, Selection: chosen.selection, WholeRows: true}, d)
	err, s.reported = d.conclude(err, s.run.Unreported())
	return err
}
