package penstock

import (
	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/airbyte"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/singer"
	"github.com/penstock-sdk/penstock/connector/stdin"
)

// Main is the main function of a connector's program:
//
//	func main() { penstock.Main(&Connector{PageSize: 100}) }
//
// The fields of c hold the defaults of the configuration.
//
// One program serves several platforms. Packages stdin, airbyte and singer are always
// included. The options add further hosts, such as the variable Host of package
// connector/fivetran, which is a module of its own. The command line selects the host:
//
//   - Without arguments, the program serves the request on its standard input,
//     as package stdin defines it. The name of the program does not matter.
//   - If the first argument names a host, that host serves the remaining
//     arguments, as in "shop airbyte spec" and "shop stdin".
//   - Otherwise, if the program's name begins with the prefix of a host and the
//     arguments are a command of that host's platform, that host serves them, as
//     in "source-shop spec".
//   - Otherwise, package stdin serves the arguments, which are a command for
//     people. The flag --help lists the commands.
//
// Main does not return. It exits with status 0 if the request succeeded, 2 if
// the command line is invalid, and 1 if the request failed for another reason.
// See [host.Main] for how it sets up standard output, signals, the log and the garbage
// collector.
func Main(c connector.Connector, opts ...host.Option) {
	host.Main(c, append([]host.Option{stdin.Host, airbyte.Host, singer.Host}, opts...)...)
}
