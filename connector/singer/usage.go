package singer

import (
	"fmt"

	"github.com/penstock-sdk/penstock/connector/host"
)

const usageText = `%[1]s is a Singer tap. It reads a source and writes Singer messages.

Usage:

	%[1]s --config FILE --discover                        print the catalog
	%[1]s --config FILE [--catalog FILE] [--state FILE]   sync
	%[1]s --config FILE --test                            check the connection
	%[1]s --about [--format FORMAT]                       describe the tap

Flags:

	-c, --config FILE    the configuration, a JSON object; if the flag is repeated,
	                     the members of later files replace those of earlier ones
	-d, --discover       print the catalog, one JSON document
	--catalog FILE       the streams to sync, as Meltano selects them in the catalog
	                     (default all streams)
	--properties FILE    an old name of --catalog; short -p
	-s, --state FILE     the value of the last STATE message (default a first sync)
	--test [MODE]        connection checks the connection, with exit status 1 if that
	                     fails; schema prints the SCHEMA messages of a sync (default
	                     connection)
	--about              print the name, the version, the capabilities and the settings
	--format FORMAT      with --about: json or text (default text)
	--version            print the version
	--log-level LEVEL    debug, info, warn or error (default info, or $` + host.EnvLogLevel + `)
	--log-format FORMAT  text or json (default text at a terminal, otherwise json,
	                     or $` + host.EnvLogFormat + `)
	-h, --help           print this text

The messages, the catalog and the descriptions are written to standard output, and
the log to standard error. The exit status is 0 for success, 2 for an invalid command
line and 1 for any other failure.

Hosts:

%[3]s
The first argument may name a host. The commands for people, such as "sync", work
under the name of this program, too: run "%[4]s stdin --help".

The configuration:

%[2]s`

// usage returns the help text with the hosts and the fields of the configuration.
func usage(p *host.Process) string {
	return fmt.Sprintf(usageText, p.Command, p.HelpOnFields(), p.HelpOnWires(), p.Name)
}
