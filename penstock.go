package penstock

import (
	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/stdin"
)

// Main is the main function of a connector's program:
//
//	func main() { penstock.Main(&Connector{PageSize: 100}) }
//
// The fields of c are the defaults of the configuration. One program serves
// every platform that the hosts are for: package stdin comes with Main, and
// others are added as options.
//
//   - Without arguments the program answers the request on its standard input
//     (package stdin), whatever it is called.
//   - The first argument may name a host: shop stdin.
//   - Otherwise the program's name may imply a host, if the arguments are that
//     platform's.
//   - All other arguments are commands for people: see --help.
//
// Main does not return: it exits with status 0 if the request was answered, 1 if
// not, 2 if the command line is wrong. See [host.Main] for what it does with the
// process: standard output, signals, the log.
func Main(c connector.Connector, opts ...host.Option) {
	host.Main(c, append([]host.Option{stdin.Host}, opts...)...)
}
