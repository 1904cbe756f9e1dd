// Package penstock is a library for writing data connectors. A data connector
// is a program that reads a source, such as a REST API, a database or a
// directory of files, and delivers its tables to a data platform. After the
// first sync, it delivers only what has changed.
//
// A connector is a struct with three methods. [Main] turns it into a program.
// This connector lists the files of a directory:
//
//	package main
//
//	import (
//		"context"
//		"errors"
//		"io/fs"
//		"os"
//		"time"
//
//		"github.com/penstock-sdk/penstock"
//		"github.com/penstock-sdk/penstock/connector"
//		"github.com/penstock-sdk/penstock/schema"
//		"github.com/penstock-sdk/penstock/state"
//	)
//
//	// Connector holds the configuration.
//	type Connector struct {
//		Dir string `json:"dir"`
//	}
//
//	// File is a row of the table files.
//	type File struct {
//		Name     string    `json:"name" schema:"primary_key"`
//		Modified time.Time `json:"modified"`
//	}
//
//	func (c *Connector) Schema(context.Context) (schema.Schema, error) {
//		return schema.New("disk", schema.TableOf[File]("files"))
//	}
//
//	func (c *Connector) Test(context.Context) error {
//		_, err := os.ReadDir(c.Dir)
//		return err
//	}
//
//	func (c *Connector) Sync(_ context.Context, st state.State, out connector.Emitter) error {
//		cursor := state.NewCursor[time.Time](st, "files")
//		entries, err := os.ReadDir(c.Dir)
//		for _, entry := range entries {
//			info, err := entry.Info()
//			if errors.Is(err, fs.ErrNotExist) || err == nil && info.ModTime().Before(cursor.Start()) {
//				continue // removed since, or delivered by an earlier sync
//			}
//			if err == nil {
//				err = out.Upsert("files", File{info.Name(), info.ModTime()})
//			}
//			if err != nil {
//				return err
//			}
//			cursor.Advance(info.ModTime())
//		}
//		return err // of ReadDir, which also returns what it has read before an error
//	}
//
//	func main() { penstock.Main(&Connector{}) }
//
// # Packages for authors
//
// The author of a connector uses these packages, in this order:
//
//   - [github.com/penstock-sdk/penstock/connector] defines the three methods
//     and the emitter that delivers rows.
//   - [github.com/penstock-sdk/penstock/schema] describes tables, derives them
//     from structs and checks rows against them.
//   - [github.com/penstock-sdk/penstock/state] records where the last sync
//     ended.
//   - [github.com/penstock-sdk/penstock/transport] reads HTTP sources. It
//     handles authentication, retries and paging.
//   - [github.com/penstock-sdk/penstock/connectortest] tests a connector with a
//     suite of rules, and runs single syncs for a connector's own tests. Its
//     subpackage fakeapi serves rows as an API, and replay records and replays
//     the traffic of a real API.
//
// To start a new connector, copy the one in examples/restapi. The command
// connector/cmd/penstock, a separate module, runs a connector on your machine
// and stores the rows in a database.
//
// # Packages for platforms
//
// To add a platform, use [github.com/penstock-sdk/penstock/connector/host].
// Each platform protocol is a separate package:
//
//   - [github.com/penstock-sdk/penstock/connector/stdin] answers a request on
//     standard input, and has commands for people.
//   - [github.com/penstock-sdk/penstock/connector/airbyte] makes a connector an
//     Airbyte source.
//   - [github.com/penstock-sdk/penstock/connector/singer] makes a connector a Singer
//     tap.
//   - github.com/penstock-sdk/penstock/connector/fivetran, a separate module, makes a
//     connector a gRPC source for Fivetran.
//
// The command connector/cmd/penstock writes the files with which Airbyte, Meltano and
// Fivetran's Connector SDK run a connector.
package penstock
