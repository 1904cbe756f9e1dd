// Package examples holds the examples of the library. Start with restapi, the connector
// to copy. The connector in files is the smallest one. Package patterns is a catalogue of
// the styles of HTTP APIs.
package examples

import "embed"

// RESTAPI holds the files of the connector restapi, in the directory restapi. The
// command penstock init copies them into a new connector.
//
//go:embed restapi/*.go restapi/testdata
var RESTAPI embed.FS
