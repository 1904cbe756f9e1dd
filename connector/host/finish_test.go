package host_test

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
)

// A refusingWriter fails each write.
type refusingWriter struct{}

func (refusingWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestTheLastLineOfAResponseIsTheFailure(t *testing.T) {
	for name, c := range map[string]struct {
		err, close error
		broken     bool // the response cannot be written
		lines, log string
		kind       connector.Kind
	}{
		"success":                     {lines: "row\n"},
		"failure":                     {err: errors.New("key-0123456789\nis wrong"), lines: "row\nerror: [redacted]; is wrong; this is a defect of the connector\n", log: "is wrong", kind: connector.Defect},
		"failure of Close":            {close: errors.New("busy"), lines: "row\nerror: close: busy; this is a defect of the connector\n", log: "close: busy", kind: connector.Defect},
		"nobody reads":                {broken: true, log: "write the response: io: read/write on closed pipe", kind: connector.Interrupted},
		"a failure that nobody reads": {err: errors.New("it is wrong"), broken: true, log: "it is wrong", kind: connector.Defect},
	} {
		t.Run(name, func(t *testing.T) {
			var out, log bytes.Buffer
			var w io.Writer = &out
			if c.broken {
				w = refusingWriter{}
			}
			run := host.New(t.Context(), &closing{err: c.close}, host.LogTo(slog.NewTextHandler(&log, nil)))
			require.NoError(t, run.Configure([]byte(`{"api_key":"key-0123456789"}`)))
			require.NoError(t, run.Test()) // opens the connector
			lines := host.NewLineWriter(t.Context(), w, func() time.Duration { return time.Minute })
			require.NoError(t, lines.Line("row", nil, ""))
			failure := run.Finish(c.err, lines, func(_ error, explanation string) error { return lines.Line("error: ", []byte(explanation), "") })
			assert.Equal(t, c.log == "", failure == nil)
			assert.Equal(t, c.lines, out.String())
			assert.Contains(t, log.String(), c.log)
			if failure != nil {
				assert.Equal(t, c.kind, connector.KindOf(failure))
				assert.Contains(t, log.String(), "kind="+c.kind.String())
				assert.NotContains(t, failure.Error(), "key-0123456789")
			}
			assert.Error(t, lines.Line("late", nil, ""), "the response is closed")
		})
	}
}

// A closing connector fails to close.
type closing struct {
	fixture.Shop
	err error
}

func (c *closing) Close() error { return c.err }
