package platforms_test

import (
	"encoding/json"
	"maps"
	"os/exec"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// An airbytePlatform runs the program as a source. It keeps the last state of each stream.
type airbytePlatform struct {
	files
	program, config, catalog string
	rows                     rowsByTable
	states                   map[string]json.RawMessage
}

func newAirbytePlatform(t *testing.T, program string, config map[string]any) *airbytePlatform {
	t.Helper()
	p := &airbytePlatform{files: files(t.TempDir()), rows: rowsByTable{}, states: map[string]json.RawMessage{}}
	p.program = p.link(t, program, "source-shop")
	p.config = p.write(t, "config.json", config)
	output, err := exec.CommandContext(t.Context(), p.program, "discover", "--config", p.config).Output()
	require.NoError(t, err)
	var message struct {
		Catalog struct {
			Streams []json.RawMessage `json:"streams"`
		} `json:"catalog"`
	}
	require.NoError(t, json.Unmarshal(output, &message))
	var streams []map[string]any
	for _, stream := range message.Catalog.Streams {
		streams = append(streams, map[string]any{"stream": stream, "sync_mode": "incremental", "destination_sync_mode": "append_dedup"})
	}
	require.Len(t, streams, len(tableNames))
	p.catalog = p.write(t, "catalog.json", map[string]any{"streams": streams})
	return p
}

func (p *airbytePlatform) tables() rowsByTable { return p.rows }

func (p *airbytePlatform) command(t *testing.T) *exec.Cmd {
	t.Helper()
	states := p.write(t, "states.json", slices.Collect(maps.Values(p.states)))
	return exec.CommandContext(t.Context(), p.program, "read", "--config", p.config, "--catalog", p.catalog, "--state", states)
}

func (p *airbytePlatform) store(t *testing.T, line []byte) (record bool) {
	t.Helper()
	var message struct {
		Record *struct {
			Stream string                     `json:"stream"`
			Data   map[string]json.RawMessage `json:"data"`
		} `json:"record"`
		State json.RawMessage `json:"state"`
	}
	require.NoError(t, json.Unmarshal(line, &message))
	if r := message.Record; r != nil {
		if deleted := r.Data["_ab_cdc_deleted_at"]; deleted == nil || string(deleted) == "null" {
			p.rows.upsert(t, r.Stream, r.Data)
		} else {
			p.rows.delete(r.Stream, r.Data)
		}
	}
	if message.State != nil {
		var state struct {
			Stream struct {
				Descriptor struct {
					Name string `json:"name"`
				} `json:"stream_descriptor"`
			} `json:"stream"`
		}
		require.NoError(t, json.Unmarshal(message.State, &state))
		require.Contains(t, tableNames, state.Stream.Descriptor.Name)
		p.states[state.Stream.Descriptor.Name] = message.State
	}
	return message.Record != nil
}
