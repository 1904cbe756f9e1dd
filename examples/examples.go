// Package examples holds connectors that show how to use the SDK. Each is a program in
// its own directory. Start with restapi.
package examples

import "embed"

// RESTAPI holds the files of the connector restapi, in the directory restapi. The
// command penstock init copies them into a new connector.
//
//go:embed restapi/*.go restapi/testdata
var RESTAPI embed.FS
