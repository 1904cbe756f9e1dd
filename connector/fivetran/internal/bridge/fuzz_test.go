package bridge_test

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/fivetran/internal/bridge"
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/connector/stdin"
)

// check fails unless the answer follows the stdin protocol: lines of its form, of which the
// last one is a STATE after a success, and a LOG of level SEVERE after an error.
func (a *answer) check(t *testing.T) {
	t.Helper()
	var last stdin.Line
	for lines := stdin.NewReader(strings.NewReader(strings.Join(a.lines, "\n") + "\n")); ; {
		line, err := lines.Next()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		last = *line
	}
	if a.err == nil {
		assert.Equal(t, stdin.State, last.Kind)
		return
	}
	assert.Equal(t, "SEVERE", last.Level)
	assert.Equal(t, a.err.Error(), last.Message)
}

// FuzzSync answers a sync with any one message.
func FuzzSync(f *testing.F) {
	for _, m := range []*protocol.UpdateResponse{
		records(everyValue(order(protocol.Upsert, 1))), records(order(protocol.Delete, 1), order(protocol.Update, 2)),
		checkpoint(`{"a":1}`), {Warning: new(`{"message":"slow"}`)}, {Task: new("log in")}, {File: true},
		{Truncate: &protocol.Truncate{Table: "orders"}},
		{SchemaChange: &protocol.Tables{WithoutSchema: &protocol.TableList{Tables: []protocol.Table{{Name: "orders", Columns: everyColumn}}}}},
	} {
		f.Add(m.Append(nil))
	}
	s := (&source{schema: oneTable(everyColumn...)}).start(f)
	f.Fuzz(func(t *testing.T, message []byte) {
		s.raw = map[string][]byte{protocol.MethodUpdate: append([]byte{}, message...)}
		s.ask(t, syncRequest).check(t)
	})
}

// FuzzSchema answers Schema with any message.
func FuzzSchema(f *testing.F) {
	for _, m := range []*protocol.SchemaResponse{
		{NotSupported: true}, {Tables: protocol.Tables{WithoutSchema: &protocol.TableList{Tables: []protocol.Table{{Name: "orders", Columns: everyColumn}}}}},
		{Tables: protocol.Tables{WithSchema: &protocol.SchemaList{Schemas: []protocol.Schema{{Name: "shop"}, {}}}}},
	} {
		f.Add(m.Append(nil))
	}
	s := (&source{update: send(checkpoint("{}"))}).start(f)
	f.Fuzz(func(t *testing.T, message []byte) {
		s.raw = map[string][]byte{protocol.MethodSchema: append([]byte{}, message...)}
		s.ask(t, selecting).check(t)
		if a := s.ask(t, `{"selection":{"action":"schema"}}`); a.err == nil {
			_, err := stdin.ParseSchema([]byte(a.lines[0]))
			require.NoError(t, err)
		}
	})
}

// FuzzSpec answers ConfigurationForm with any message.
func FuzzSpec(f *testing.F) {
	f.Add(form.Append(nil))
	s := (&source{}).start(f)
	f.Fuzz(func(t *testing.T, message []byte) {
		s.raw = map[string][]byte{protocol.MethodForm: append([]byte{}, message...)}
		if a := s.ask(t, `{"selection":{"action":"spec"}}`); a.err == nil {
			assert.True(t, json.Valid([]byte(a.lines[0])), a.lines[0])
		}
	})
}

// FuzzRequest sends any request to an address without a source.
func FuzzRequest(f *testing.F) {
	for _, request := range []string{"", syncRequest, selecting, `{"secrets":{"a":1,"b":"x"},"state":{"c":{}},"selection":{"action":"test"}}`} {
		f.Add(request)
	}
	f.Fuzz(func(t *testing.T, request string) {
		a := ask(t.Context(), t, request, bridge.Options{Address: "127.0.0.1:1"})
		require.Len(t, a.lines, 1)
		assert.True(t, json.Valid([]byte(a.lines[0])), a.lines[0])
		if a.err == nil {
			assert.Contains(t, a.lines[0], "FAILURE")
		}
	})
}
