package stdin

import (
	"errors"
	"flag"
	"time"

	"github.com/penstock-sdk/penstock/connector/host"
)

// Host serves the protocol as an option of penstock.Main, which includes it by
// default. It answers a request on standard input. It also has the commands
// schema, test, spec and sync for people, which read the configuration and the
// state from files.
var Host = host.With(host.Wire{
	Name:     "stdin",
	Summary:  "answer a request on standard input, or run a command at a terminal",
	Deadline: deadline,
	Serve:    serveProcess,
})

// deadline is the time that a process has to end after a signal. Platforms kill
// it after five to ten seconds.
const deadline = 4500 * time.Millisecond

// serveProcess runs the command line and returns the exit status.
func serveProcess(p *host.Process) int {
	command, f, err := parse(p.Args)
	switch {
	case errors.Is(err, flag.ErrHelp) || command == "help":
		return p.Print(usage(p))
	case command == "version":
		return p.Print(p.Name + " " + p.Version() + "\n")
	case err == nil && command == "" && p.Interactive():
		p.Tell(usage(p))
		return 2
	case err != nil:
		return p.UsageError(err)
	}
	log, err := p.NewLog(f.logLevel, f.logFormat)
	if err != nil {
		return p.UsageError(err)
	}
	s := &server{platform: command == "" || command == string(ActionSync)}
	s.out = newWire(p.NewLineWriter())
	s.out.text = f.format == "text"
	var opts []host.Option
	dst := s.destination(command, f)
	if command == "" || f.config != "" { // otherwise new values cannot be stored
		opts = append(opts, host.ReplacedSecretsTo(dst))
	}
	if f.timeBudget > 0 { // otherwise the option of the program applies
		opts = append(opts, host.TimeBudget(f.timeBudget))
	}
	s.run = p.NewRun(log, opts...)
	if err := s.finish(s.do(p, command, f, dst)); err != nil {
		return 1
	}
	return 0
}

// destination returns the destination of a command's operations.
func (s *server) destination(command string, f *flags) host.BatchWriter {
	var dst host.BatchWriter = s.out
	if command == string(ActionSync) && f.state != "" {
		dst = stateFile{dst, s.out.lines, f.state}
	}
	if f.config != "" {
		dst = &configFile{dst, f.config, s}
	}
	return dst
}

// do runs one command, or answers the request on standard input.
func (s *server) do(p *host.Process, command string, f *flags, dst host.Destination) error {
	if command == "" {
		req, err := s.read(p.Context(), p.Stdin)
		if err != nil {
			return err
		}
		return s.answer(p.Context(), req, s.out)
	}
	req, err := f.request(Action(command))
	if err != nil {
		return err
	}
	if err := s.answer(p.Context(), req, dst); err != nil {
		return f.explain(err)
	}
	return f.explain(s.testFailure)
}
