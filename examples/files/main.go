// Command files is a minimal connector. It lists the files of a directory, and those that
// have changed since the last sync again. It does not notice that a file was deleted.
package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/penstock-sdk/penstock"
	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

type Connector struct {
	Dir string `json:"dir"`
}

type File struct {
	Name     string    `json:"name" schema:"primary_key"`
	Modified time.Time `json:"modified"`
}

func (c *Connector) Schema(context.Context) (schema.Schema, error) {
	return schema.New("disk", schema.TableOf[File]("files"))
}

func (c *Connector) Test(context.Context) error {
	_, err := os.ReadDir(c.Dir)
	return err
}

func (c *Connector) Sync(_ context.Context, st state.State, out connector.Emitter) error {
	cursor := state.NewCursor[time.Time](st, "files")
	entries, err := os.ReadDir(c.Dir)
	for _, entry := range entries {
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) || err == nil && info.ModTime().Before(cursor.Start()) {
			continue // deleted in the meantime, or already delivered
		}
		if err == nil {
			err = out.Upsert("files", File{info.Name(), info.ModTime()})
		}
		if err != nil {
			return err
		}
		cursor.Advance(info.ModTime())
	}
	return err // of ReadDir, which also returns what it has read before an error
}

func main() { penstock.Main(&Connector{}) }
