package platforms_test

import (
	"encoding/json"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// A singerPlatform runs the program as a tap. It keeps the last state.
type singerPlatform struct {
	files
	program, config string
	rows            rowsByTable
	state           json.RawMessage
}

func newSingerPlatform(t *testing.T, program string, config map[string]any) *singerPlatform {
	t.Helper()
	p := &singerPlatform{files: files(t.TempDir()), rows: rowsByTable{}}
	p.program = p.link(t, program, "tap-shop")
	p.config = p.write(t, "config.json", config)
	return p
}

func (p *singerPlatform) tables() rowsByTable { return p.rows }

func (p *singerPlatform) command(t *testing.T) *exec.Cmd {
	t.Helper()
	args := []string{"--config", p.config}
	if p.state != nil {
		args = append(args, "--state", p.write(t, "state.json", p.state))
	}
	return exec.CommandContext(t.Context(), p.program, args...)
}

func (p *singerPlatform) store(t *testing.T, line []byte) (record bool) {
	t.Helper()
	var message struct {
		Type   string                     `json:"type"`
		Stream string                     `json:"stream"`
		Record map[string]json.RawMessage `json:"record"`
		Value  json.RawMessage            `json:"value"`
	}
	require.NoError(t, json.Unmarshal(line, &message))
	switch message.Type {
	case "RECORD":
		if deleted := message.Record["_sdc_deleted_at"]; deleted == nil || string(deleted) == "null" {
			p.rows.upsert(t, message.Stream, message.Record)
		} else {
			p.rows.delete(message.Stream, message.Record)
		}
	case "STATE":
		p.state = message.Value
	}
	return message.Type == "RECORD"
}
