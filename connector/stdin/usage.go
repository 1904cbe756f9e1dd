package stdin

import (
	"fmt"

	"github.com/penstock-sdk/penstock/connector/host"
)

const usageText = `%[1]s reads a source and writes its tables as lines of JSON.

Usage:

	%[1]s <command> [flags]     run a command at a terminal
	%[1]s < request             answer a request from a platform
	%[1]s <host> [arguments]    serve another kind of platform

Commands:

	schema    print the tables and their columns
	test      check the connection; the exit status is 1 if the check fails
	spec      print the JSON Schema of the configuration
	sync      print what has changed since the last sync
	help      print this text
	version   print the version

Flags:

	--config FILE        the configuration, a JSON object; if the source replaces
	                     a value, such as a refresh token, the file is updated
	--state FILE         sync: the state of the last sync; the file is created or
	                     updated, so that the next sync resumes from there
	--selection FILE     sync: the tables and columns to deliver, as in
	                     {"shop":{"orders":{"columns":{"email":false}},"carts":false}}
	--time-budget TIME   sync: end successfully after this time, such as 30m or 2h;
	                     the next sync resumes from there (default no limit)
	--format FORMAT      schema: json, as platforms read it, or text (default json)
	--log-level LEVEL    debug, info, warn or error (default info, or $` + host.EnvLogLevel + `)
	--log-format FORMAT  text or json (default text at a terminal, otherwise json,
	                     or $` + host.EnvLogFormat + `)

Hosts:

%[3]s
Without arguments, the program answers a request on standard input, regardless
of its name. The first argument may name a host. Otherwise, the name of the
program selects a host if it starts with a prefix listed above and the arguments
have the form that the platform uses.

The configuration:

%[2]s
Answers are written to standard output, and the log to standard error. A request
is one JSON object such as {"secrets":{…},"state":{…},"selection":{"action":"sync"}}.
`

// usage returns the help text with the hosts and the fields of the configuration.
func usage(p *host.Process) string {
	return fmt.Sprintf(usageText, p.Name, p.HelpOnFields(), p.HelpOnWires())
}
