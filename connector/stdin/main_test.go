package connector_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// binaries are the connectors that this test binary can be, by name. What they
// are tested with is there on Unix alone, and so are they.
var binaries map[string]func()

// TestMain makes the test binary a connector's binary where a test runs it as
// one, and otherwise looks for goroutines that the tests left.
func TestMain(m *testing.M) {
	if name := os.Getenv("PENSTOCK_TEST_BINARY"); name != "" {
		binaries[name]()
		return
	}
	goleak.VerifyTestMain(m)
}

type shopOrder struct {
	ID        int64          `json:"id" schema:"primary_key"`
	Total     schema.Decimal `json:"total" schema:"precision=12,scale=2"`
	Email     string         `json:"email"`
	UpdatedAt time.Time      `json:"updated_at"`
}

type cart struct {
	ID int64 `json:"id" schema:"primary_key"`
}

// A shop is a connector whose methods a test can set.
type shop struct {
	APIKey  connector.Secret `json:"api_key" jsonschema:"title=API key"`
	BaseURL string           `json:"base_url,omitempty" jsonschema:"title=Base URL,format=uri"`

	test func(context.Context) error
	sync func(context.Context, state.State, connector.Emitter) error
}

func (s *shop) Schema(context.Context) (schema.Schema, error) {
	return schema.New("shop", schema.TableOf[shopOrder]("orders"), schema.TableOf[cart]("carts"))
}

func (s *shop) Test(ctx context.Context) error {
	if s.test == nil {
		return nil
	}
	return s.test(ctx)
}

func (s *shop) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	if s.sync == nil {
		return nil
	}
	return s.sync(ctx, st, out)
}

func order(id int64) *shopOrder {
	return &shopOrder{
		ID: id, Total: "19.90", Email: "a@example.com",
		UpdatedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).Add(time.Duration(id) * time.Second),
	}
}

// run answers a request and returns the lines of the answer.
func run(t testing.TB, c connector.Connector, request string, opts ...connector.Option) (lines []string, err error) {
	t.Helper()
	var out bytes.Buffer
	opts = append([]connector.Option{connector.LogTo(slog.DiscardHandler)}, opts...)
	err = connector.Run(t.Context(), c, strings.NewReader(request), &out, opts...)
	return splitLines(t, out.String()), err
}

// splitLines checks that the answer consists of whole lines of JSON.
func splitLines(t testing.TB, answer string) []string {
	t.Helper()
	if answer == "" {
		return nil
	}
	require.True(t, strings.HasSuffix(answer, "\n"), "the last line is not whole")
	lines := strings.Split(strings.TrimSuffix(answer, "\n"), "\n")
	for _, line := range lines {
		require.True(t, json.Valid([]byte(line)), "not JSON: %s", line)
	}
	return lines
}

// lastState returns the last STATE line.
func lastState(lines []string) string {
	for _, line := range slices.Backward(lines) {
		if strings.HasPrefix(line, `{"type":"STATE"`) {
			return line
		}
	}
	return ""
}

const withKey = `{"secrets":{"api_key":"key-0123456789"}}`

// each sends every checkpoint.
var each = connector.CheckpointEvery(0, 0)
