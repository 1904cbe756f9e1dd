package stdin

import (
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

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
)

// flags are the flags of a command line.
type flags struct {
	config, state, selection, format, logLevel, logFormat string
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

// explain adds what to do on the command line to an error.
func (f *flags) explain(err error) error {
	if f.config == "" && connector.KindOf(err) == connector.Configuration {
		return &connector.Error{Kind: connector.Configuration, Hint: "name the file with the configuration by --config", Err: err}
	}
	return err
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
