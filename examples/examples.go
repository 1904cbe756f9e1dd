// Package examples holds connectors that show how the SDK is used. Each is a
// program in a directory of its own; restapi is the one to begin from.
package examples

import "embed"

// RESTAPI holds the files of the connector restapi, within the directory
// restapi: what a new connector is made of.
//
//go:embed restapi/*.go restapi/testdata
var RESTAPI embed.FS
