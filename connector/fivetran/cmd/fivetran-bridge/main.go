// Command fivetran-bridge makes a gRPC source of Fivetran's SDKs, in any language, a program
// that speaks the stdin protocol, so that the penstock tool and connectortest.RunBinary can
// test it:
//
//	./source --port 50051 &
//	penstock sync -- fivetran-bridge localhost:50051
//
// It can also start the source itself, anew for each request:
//
//	penstock sync -- fivetran-bridge -- ./source --port {port}
//
// The penstock tool reads the source's configuration from the file configuration.json in the
// working directory, so write that file first: a JSON object with a member for each field of
// the source's form, such as {"api_key":"..."}.
//
// fivetran-bridge --help prints the flags.
package main

import "github.com/penstock-sdk/penstock/connector/fivetran/internal/bridge"

func main() { bridge.Main() }
