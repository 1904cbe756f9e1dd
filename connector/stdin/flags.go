package stdin

import (
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/internal/pasted"
)

// flags holds the flags of a command line.
type flags struct {
	config, state, selection, format, logLevel, logFormat string
	timeBudget                                            time.Duration
	version                                               bool
}

// newFlagSet returns a flag set that sets f.
func (f *flags) newFlagSet() *flag.FlagSet {
	set := host.NewFlagSet()
	set.StringVar(&f.config, "config", "", "")
	set.StringVar(&f.state, "state", "", "")
	set.StringVar(&f.selection, "selection", "", "")
	set.StringVar(&f.format, "format", "json", "")
	set.DurationVar(&f.timeBudget, "time-budget", 0, "")
	set.StringVar(&f.logLevel, "log-level", "", "")
	set.StringVar(&f.logFormat, "log-format", "", "")
	set.BoolVar(&f.version, "version", false, "")
	return set
}

// commandFlags maps each command to the flags that it takes, in addition to the
// flags of the log. The empty command answers a request on standard input.
var commandFlags = map[string][]string{
	"": nil, "help": nil, "version": nil,
	string(ActionSchema): {"config", "format"}, string(ActionTest): {"config"}, string(ActionSpec): nil,
	string(ActionSync): {"config", "state", "selection", "time-budget"},
}

// parse parses the command line. Flags may precede or follow the command. It is
// an error to set a flag that the command does not take.
func parse(args []string) (command string, f *flags, err error) {
	f = new(flags)
	set := f.newFlagSet()
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") && !isCommand(args[0]) {
		return "", nil, unknownCommand(args[0]) // rather than one of its flags
	}
	if command, err = host.ParseCommand(set, args); err != nil {
		return "", nil, err
	}
	if f.version {
		return "version", f, nil
	}
	taken, ok := commandFlags[command]
	if !ok {
		return "", nil, unknownCommand(command)
	}
	set.Visit(func(given *flag.Flag) {
		if given.Name == "time-budget" && f.timeBudget <= 0 {
			err = fmt.Errorf("the time budget %v is not positive", f.timeBudget)
		}
		if !strings.HasPrefix(given.Name, "log-") && !slices.Contains(taken, given.Name) {
			err = fmt.Errorf("flag --%s cannot be used with %s", given.Name, cmp.Or(command, "a request on standard input"))
		}
	})
	if f.format != "json" && f.format != "text" {
		err = fmt.Errorf("unknown format %s; want json or text", pasted.Argument(f.format))
	}
	return command, f, err
}

// isCommand reports whether a word is a command.
func isCommand(word string) bool {
	_, ok := commandFlags[word]
	return ok
}

func unknownCommand(word string) error {
	if word == "fivetran" {
		return errors.New("this program has no host fivetran: pass fivetran.Host of package connector/fivetran to penstock.Main, and build it again")
	}
	return fmt.Errorf("unknown command or host %s; the help text lists both, and further hosts are options of penstock.Main", pasted.Argument(word))
}

// explain adds a hint for the command line to an error.
func (f *flags) explain(err error) error {
	if f.config == "" && connector.KindOf(err) == connector.Configuration {
		return &connector.Error{Kind: connector.Configuration, Hint: "name the file with the configuration with --config", Err: err}
	}
	return err
}

// request returns the request that a platform would have sent. Its parts are read
// from files.
func (f *flags) request(action Action) (*Request, error) {
	if f.state != "" {
		// It is better to fail now than when the first state is saved.
		if shown := pasted.File(f.state); shown != f.state {
			return nil, connector.Errorf(connector.Configuration, "flag --state: %s: this does not look like the name of a file", shown)
		}
		if _, err := os.Stat(filepath.Dir(f.state)); err != nil {
			return nil, &connector.Error{Kind: connector.Configuration, Err: fmt.Errorf("save the state: %w", pasted.PathError(err))}
		}
	}
	req := &Request{Action: action}
	var err error
	if f.config != "" {
		if req.Secrets, err = host.ReadObject(f.config); err != nil {
			return nil, err
		}
	}
	if req.State, err = f.savedState(); err != nil {
		return nil, err
	}
	if f.selection != "" {
		data, err := host.ReadObject(f.selection)
		if err != nil {
			return nil, err
		}
		if req.Selection, err = ParseSelection(data); err != nil {
			return nil, connector.Errorf(connector.Configuration, "file %s: %w", f.selection, err)
		}
	}
	return req, nil
}

// savedState returns the state that the last sync saved, or nil if there is none.
func (f *flags) savedState() (json.RawMessage, error) {
	if f.state == "" {
		return nil, nil
	}
	object, err := host.ReadObject(f.state)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, &connector.Error{Kind: connector.Configuration, Hint: "correct the state, or remove the file to sync from the start", Err: err}
	}
	return object, nil
}
