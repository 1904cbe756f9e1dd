package stdin

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/host/config"
)

const usageText = `%[1]s reads a source and delivers its tables as lines of JSON.

Usage:

	%[1]s <command> [flags]     work at a terminal
	%[1]s < request             answer a platform's request
	%[1]s <host> [arguments]    serve a platform of another kind

Commands:

	schema    print the tables and their columns
	test      try the configuration; the exit status is 1 if it fails
	spec      print the JSON Schema of the configuration
	sync      print what is new since the last sync
	help      print this text
	version   print the version

Flags:

	--config FILE        the configuration, a JSON object; a value that the source
	                     replaces, such as a refresh token, is stored there
	--state FILE         sync: where the last sync ended; created and kept up to
	                     date, so that the next sync continues from there
	--selection FILE     sync: the tables and columns to deliver, as in
	                     {"shop":{"orders":{"columns":{"email":false}},"carts":false}}
	--format FORMAT      schema: json, as platforms read it, or text (default json)
	--log-level LEVEL    debug, info, warn or error (default info, or $` + host.EnvLogLevel + `)
	--log-format FORMAT  text or json (default text at a terminal, else json,
	                     or $` + host.EnvLogFormat + `)

Hosts:

%[3]s
Without arguments the program answers a request on standard input, whatever its
name. The first argument may name a host. Otherwise the program's name decides,
if its beginning is listed above and the arguments are that platform's.

The configuration:

%[2]s
Answers go to standard output, the log to standard error. A request is one
JSON object such as {"secrets":{…},"state":{…},"selection":{"action":"sync"}}.
`

// flags are the flags of a command line.
type flags struct {
	config, state, selection, format, logLevel, logFormat string
}

// explain adds what to do on the command line to an error.
func (f *flags) explain(err error) error {
	if f.config == "" && connector.KindOf(err) == connector.Configuration {
		return &connector.Error{Kind: connector.Configuration, Hint: "name the file with the configuration by --config", Err: err}
	}
	return err
}

// parse reads the command line. A flag that its command does not use is an
// error.
func parse(program string, arguments []string) (command string, f *flags, err error) {
	f = new(flags)
	set := flag.NewFlagSet(program, flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.Usage = func() {}
	set.StringVar(&f.config, "config", "", "")
	set.StringVar(&f.state, "state", "", "")
	set.StringVar(&f.selection, "selection", "", "")
	set.StringVar(&f.format, "format", "json", "")
	set.StringVar(&f.logLevel, "log-level", "", "")
	set.StringVar(&f.logFormat, "log-format", "", "")
	version := set.Bool("version", false, "")
	for args := arguments; ; {
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

// request returns what a platform would have sent, read from the files.
func (f *flags) request(action string) (*request, error) {
	req := &request{action: action}
	if f.state != "" {
		// Better now than when the first state is kept.
		if _, err := os.Stat(filepath.Dir(f.state)); err != nil {
			return nil, &connector.Error{Kind: connector.Configuration, Err: fmt.Errorf("keep the state: %w", err)}
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
		object, err := host.ReadObject(file.path)
		if errors.Is(err, fs.ErrNotExist) && !file.required {
			continue
		}
		if err != nil && !file.required {
			return nil, &connector.Error{Kind: connector.Configuration, Hint: "correct the state, or remove the file to sync from the start", Err: err}
		}
		if err != nil {
			return nil, err
		}
		*file.into = object
	}
	if f.selection != "" {
		data, err := host.ReadObject(f.selection)
		if err != nil {
			return nil, err
		}
		if req.selection, err = ParseSelection(data); err != nil {
			return nil, connector.Errorf(connector.Configuration, "file %s: %w", f.selection, err)
		}
	}
	return req, nil
}

// usage prints the help, with the hosts and the fields of the configuration.
func usage(p *host.Process, w io.Writer) {
	var hosts, fields bytes.Buffer
	tab := tabwriter.NewWriter(&hosts, 0, 0, 4, ' ', 0)
	for _, wire := range p.Wires {
		names := ""
		if wire.Prefix != "" {
			names = "programs named " + wire.Prefix + "*"
		}
		fmt.Fprintf(tab, "\t%s\t%s\t%s\n", wire.Name, wire.Summary, names)
	}
	_ = tab.Flush()
	tab = tabwriter.NewWriter(&fields, 0, 0, 4, ' ', 0)
	form, err := config.FormOf(p.Connector)
	if err != nil {
		fmt.Fprintf(tab, "\t%v\n", err)
	} else {
		printFields(tab, "", form.Fields)
	}
	_ = tab.Flush()
	fmt.Fprintf(w, usageText, p.Name, trimLines(fields.String()), trimLines(hosts.String()))
}

// printFields prints a line for each field of the configuration.
func printFields(w io.Writer, within string, fields []config.Field) {
	for _, f := range fields {
		notes := f.Kind.String()
		if f.Secret {
			notes = "secret"
		}
		if f.Required {
			notes += ", required"
		}
		if f.Default != nil {
			notes += fmt.Sprintf(", default %v", f.Default)
		}
		if len(f.Choices) > 0 {
			notes += fmt.Sprintf(", one of %v", f.Choices)
		}
		fmt.Fprintf(w, "\t%s\t%s\t%s\n", within+f.Name, notes, cmp.Or(f.Description, f.Title))
		printFields(w, within+f.Name+".", f.Fields)
	}
}

// trimLines removes the spaces with which a tabwriter pads the ends of lines.
func trimLines(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}
