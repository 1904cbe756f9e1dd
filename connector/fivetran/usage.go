package fivetran

import (
	"fmt"

	"github.com/penstock-sdk/penstock/connector/host"
)

const usageText = `%[1]s is a source for Fivetran. It serves the gRPC service
fivetran_sdk.v2.SourceConnector until a signal ends it.

Usage:

	%[1]s [--port PORT]

Flags:

	--port PORT          the port to listen on; 0 chooses a free one (default 50051)
	--address ADDRESS    the address to listen on, such as 127.0.0.1 (default all
	                     addresses of the machine, IPv4 and IPv6)
	--dialect DIALECT    partner-sdk or connector-sdk (default partner-sdk)
	--version            print the version
	--log-level LEVEL    debug, info, warn or error (default info, or $` + host.EnvLogLevel + `)
	-h, --help           print this text

The connection is not encrypted, as Fivetran requires: do not let others reach the port.
The log is written to standard output, as JSON lines that Fivetran reads.

Hosts:

%[3]s
The first argument may name a host.

The configuration:

%[2]s`

// usage returns the help text with the hosts and the fields of the configuration.
func usage(p *host.Process) string {
	return fmt.Sprintf(usageText, p.Command, p.HelpOnFields(), p.HelpOnWires())
}
