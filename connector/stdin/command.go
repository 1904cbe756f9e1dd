package connector

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"text/tabwriter"
)

// A tool is the command line of a connector's binary.
type tool struct {
	connector     Connector
	options       *options
	name          string
	args          []string
	stdin         io.Reader
	stdout        io.Writer
	stderr        io.Writer
	stdinTerminal bool
	logTerminal   bool
}

const usageText = `%[1]s reads a source and delivers its tables as lines of JSON.

Usage:

	%[1]s <command> [flags]     work at a terminal
	%[1]s [flags] < request     answer a platform's request

Commands:

	schema    print the tables and their columns
	test      try the configuration; the exit status is 1 if it fails
	spec      print the JSON Schema of the configuration
	sync      print what is new since the last sync
	help      print this text
	version   print the version

Flags:

	--config FILE        the configuration, a JSON object
	--state FILE         sync: where the last sync left off; created and kept up
	                     to date, so that the next sync goes on from there
	--selection FILE     sync: the tables and columns to deliver, as in
	                     {"shop":{"orders":{"columns":{"email":false}},"carts":false}}
	--format FORMAT      schema: json, as platforms read it, or text (default json)
	--log-level LEVEL    debug, info, warn or error (default info, or $` + envLogLevel + `)
	--log-format FORMAT  text or json (default text at a terminal, else json,
	                     or $` + envLogFormat + `)

The configuration:

%[2]s
Answers go to standard output, the log to standard error. A request is one
JSON object such as {"secrets":{…},"state":{…},"selection":{"action":"sync"}}.
`

// flags are what a command line can say.
type flags struct {
	config, state, selection, format, logLevel, logFormat string
}

// run does what the command line asks for and returns the exit status.
func (t *tool) run(ctx context.Context) int {
	command, f, err := t.parse()
	switch {
	case errors.Is(err, flag.ErrHelp) || command == "help":
		t.usage(t.stdout)
		return 0
	case command == "version":
		fmt.Fprintln(t.stdout, t.name, t.version())
		return 0
	case err == nil && command == "" && t.stdinTerminal:
		t.usage(t.stderr)
		return 2
	case err != nil:
		return t.misused(err)
	}
	o := t.options
	o.flushGrace = max(o.grace, flushGrace)
	if o.handler == nil {
		o.redactor = new(redactor)
		// What gets past the handler's redaction is caught by the writer's.
		level, format := cmp.Or(f.logLevel, os.Getenv(envLogLevel)), cmp.Or(f.logFormat, os.Getenv(envLogFormat))
		if o.handler, err = logHandler(redactingWriter{t.stderr, o.redactor}, level, format, t.logTerminal); err != nil {
			return t.misused(err)
		}
	}
	r := newRun(ctx, t.connector, o)
	defer r.stop()
	// The handler that slog begins with writes by way of package log, which
	// the next line leads here: a circle.
	if fmt.Sprintf("%T", o.handler) != "*slog.defaultHandler" {
		slog.SetDefault(r.log)
	}
	if err := t.do(r, command, f); err != nil {
		return 1
	}
	return 0
}

func (t *tool) misused(err error) int {
	fmt.Fprintf(t.stderr, "%s: %v\nRun %s --help for what there is.\n", t.name, err, t.name)
	return 2
}

// do runs one command, or answers the request on standard input.
func (t *tool) do(r *run, command string, f *flags) error {
	switch command {
	case "":
		return r.report(t.stdout, true, func(lines *lineWriter) error {
			req, err := r.read(t.stdin)
			if err != nil {
				return err
			}
			out := newWire(lines)
			return r.answer(req, out, out)
		})
	case actionSync:
		return r.report(t.stdout, true, func(lines *lineWriter) error {
			req, err := f.request(command)
			if err != nil {
				return err
			}
			out := newWire(lines)
			if f.state == "" {
				return r.answer(req, out, out)
			}
			return r.answer(req, out, stateFile{out, f.state})
		})
	}
	return r.report(t.stdout, false, func(lines *lineWriter) error {
		req, err := f.request(command)
		if err != nil {
			return err
		}
		out := newWire(lines)
		out.text = f.format == "text"
		if err := r.answer(req, out, out); err != nil {
			return err
		}
		return r.testFailure
	})
}

// parse reads the command line. A flag that its command does not use is an
// error, not an oversight.
func (t *tool) parse() (command string, f *flags, err error) {
	f = new(flags)
	set := flag.NewFlagSet(t.name, flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.Usage = func() {}
	set.StringVar(&f.config, "config", "", "")
	set.StringVar(&f.state, "state", "", "")
	set.StringVar(&f.selection, "selection", "", "")
	set.StringVar(&f.format, "format", "json", "")
	set.StringVar(&f.logLevel, "log-level", "", "")
	set.StringVar(&f.logFormat, "log-format", "", "")
	version := set.Bool("version", false, "")
	for args := t.args; ; {
		if err := set.Parse(args); err != nil {
			return "", nil, err
		}
		if set.NArg() == 0 {
			break
		}
		if command != "" {
			return "", nil, fmt.Errorf("unexpected argument %q", set.Arg(0))
		}
		command, args = set.Arg(0), set.Args()[1:]
	}
	if *version {
		return "version", f, nil
	}
	uses := map[string]string{
		"": "", "help": "", "version": "",
		actionSchema: "config format", actionTest: "config", actionSpec: "", actionSync: "config state selection",
	}
	used, ok := uses[command]
	if !ok {
		return "", nil, fmt.Errorf("unknown command %q", command)
	}
	set.Visit(func(given *flag.Flag) {
		if !strings.HasPrefix(given.Name, "log-") && !strings.Contains(" "+used+" ", " "+given.Name+" ") {
			err = fmt.Errorf("flag --%s does not go with %s", given.Name, cmp.Or(command, "a request on standard input"))
		}
	})
	if f.format != "json" && f.format != "text" {
		err = fmt.Errorf("format %q is unknown; want json or text", f.format)
	}
	return command, f, err
}

// request makes of the files what a platform would have sent.
func (f *flags) request(action string) (*request, error) {
	req := &request{action: action}
	if f.state != "" {
		// Found out now, not when the first state is to be kept.
		if _, err := os.Stat(filepath.Dir(f.state)); err != nil {
			return nil, &Error{Kind: Configuration, Err: fmt.Errorf("keep the state: %w", err)}
		}
	}
	for _, file := range []struct {
		path     string
		into     *json.RawMessage
		required bool
	}{{f.config, &req.secrets, true}, {f.state, &req.state, false}} {
		if file.path == "" {
			continue
		}
		data, err := os.ReadFile(file.path)
		if errors.Is(err, fs.ErrNotExist) && !file.required {
			continue
		}
		if err != nil {
			return nil, &Error{Kind: Configuration, Err: err}
		}
		if *file.into, err = strictObject(data); err != nil {
			return nil, Errorf(Configuration, "file %s: %w", file.path, err)
		}
	}
	if f.selection != "" {
		data, err := os.ReadFile(f.selection)
		if err != nil {
			return nil, &Error{Kind: Configuration, Err: err}
		}
		if req.selection, err = ParseSelection(data); err != nil {
			return nil, Errorf(Configuration, "file %s: %w", f.selection, err)
		}
	}
	return req, nil
}

// usage prints the help, with the configuration's fields.
func (t *tool) usage(w io.Writer) {
	var fields bytes.Buffer
	tab := tabwriter.NewWriter(&fields, 0, 0, 4, ' ', 0)
	if spec, err := specOf(t.connector); err != nil {
		fmt.Fprintf(tab, "\t%v\n", err)
	} else {
		for p := spec.Properties.Oldest(); p != nil; p = p.Next() {
			notes := p.Value.Type
			if p.Value.WriteOnly {
				notes = "secret"
			}
			if slices.Contains(spec.Required, p.Key) {
				notes += ", required"
			}
			if p.Value.Default != nil {
				notes += fmt.Sprintf(", default %v", p.Value.Default)
			}
			fmt.Fprintf(tab, "\t%s\t%s\t%s\n", p.Key, notes, cmp.Or(p.Value.Description, p.Value.Title))
		}
	}
	_ = tab.Flush()
	fmt.Fprintf(w, usageText, t.name, fields.String())
}

// version returns what the build says of itself.
func (t *tool) version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return cmp.Or(t.options.version, "of unknown version")
	}
	version := cmp.Or(t.options.version, info.Main.Version, "(devel)")
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && !strings.Contains(version, s.Value[:min(12, len(s.Value))]) {
			version += " " + s.Value[:min(12, len(s.Value))]
		}
	}
	return version + " " + info.GoVersion
}

// programName is what help calls the binary.
func programName(args []string) string {
	if len(args) == 0 {
		return "connector"
	}
	return strings.TrimSuffix(filepath.Base(args[0]), ".exe")
}
