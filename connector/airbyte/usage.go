package airbyte

import (
	"fmt"

	"github.com/penstock-sdk/penstock/connector/host"
)

const usageText = `%[1]s is an Airbyte source.

Usage:

	%[2]s <command> [flags]

Commands:

	spec      print the form of the configuration
	check     check the connection to the source; the exit status is 0 even if the
	          check fails
	discover  print the catalog: the streams and their columns
	read      print the records that have changed since the state was saved
	help      print this text

Flags:

	--config FILE   check, discover, read: the configuration, a JSON object
	--catalog FILE  read: the configured catalog, which selects streams and columns
	--state FILE    read: the STATE messages of the last read, as a list; the
	                default is to read everything
	--debug         write debug messages to the log
	--version       print the version

Hosts:

%[3]s
The first argument may name a host. A program whose name begins with source- takes
the commands above without it.

The configuration:

%[4]s
Messages are written to standard output, one JSON object on each line, and the log to
standard error. The exit status is 0 for success, 2 for an invalid command line and 1 for
any other failure. A read succeeds only if every stream is complete.
`

// usage returns the help text with the hosts and the fields of the configuration.
func usage(p *host.Process) string {
	return fmt.Sprintf(usageText, p.Name, p.Command, p.HelpOnWires(), p.HelpOnFields())
}
