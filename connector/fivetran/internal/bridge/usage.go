package bridge

import "github.com/penstock-sdk/penstock/connector/host"

const usageText = `%[1]s answers requests of the stdin protocol with the answers of a gRPC source.

Usage:

	penstock sync -- %[1]s [flags] HOST:PORT
	penstock sync -- %[1]s [flags] -- COMMAND [ARGUMENT ...]
	%[1]s [flags] HOST:PORT < request

HOST:PORT is the address of a server that Fivetran's Partner SDK or Connector SDK has
made, in any language. Start it before, for example with ./source --port 50051. With a
COMMAND, the program starts such a server itself, anew for each request, and ends it
afterwards. In an argument, {port} stands for a free port. A server of the Connector SDK
for Python 2.13 needs this, because it serves only one sync. Without an address and a
command, $` + EnvAddress + ` is used, as in a test with connectortest.RunBinary.

Flags:

	--schema NAME        the name of the schema, for sources that do not name their
	                     schema (default %[2]s)
	--log-level LEVEL    debug, info, warn or error (default info, or $` + host.EnvLogLevel + `)
	--log-format FORMAT  text or json (default text at a terminal, otherwise json,
	                     or $` + host.EnvLogFormat + `)
	--version            print the version
	--help               print this text

The configuration is sent as the source's form describes it: as strings. Run it with a
request such as {"selection":{"action":"spec"}} to see the form.

Answers are written to standard output, and the log to standard error. A record that does
not fit the source's own schema ends the sync with an error that names the table and the
column. The exit status is 0 for success, 2 for an invalid command line and 1 for any other
failure.
`
