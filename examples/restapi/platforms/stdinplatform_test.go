package platforms_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// A stdinPlatform writes a request to the program's standard input.
type stdinPlatform struct {
	program string
	config  map[string]any
	rows    rowsByTable
	state   json.RawMessage
}

func (p *stdinPlatform) tables() rowsByTable { return p.rows }

func (p *stdinPlatform) command(t *testing.T) *exec.Cmd {
	t.Helper()
	request, err := json.Marshal(map[string]any{"secrets": p.config, "state": p.state})
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), p.program)
	cmd.Stdin = bytes.NewReader(request)
	return cmd
}

func (p *stdinPlatform) store(t *testing.T, line []byte) (record bool) {
	t.Helper()
	var message struct {
		Op     string                                           `json:"op"`
		Record map[string]map[string]map[string]json.RawMessage `json:"record"`
		State  json.RawMessage                                  `json:"state"`
	}
	require.NoError(t, json.Unmarshal(line, &message))
	if message.State != nil {
		p.state = message.State
	}
	for table, row := range message.Record["shop"] {
		switch message.Op {
		case "":
			p.rows.upsert(t, table, row)
		case "DELETE":
			p.rows.delete(table, row)
		default:
			require.FailNow(t, "unexpected operation", "%s", line)
		}
	}
	return message.Record != nil
}
