// Command everyfield is a connector whose configuration has a field of every kind.
package main

import (
	"context"
	"encoding/json"
	"net/netip"
	"time"

	"github.com/penstock-sdk/penstock"
	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A Connector has a field of every kind.
type Connector struct {
	APIKey   connector.Secret   `json:"api_key" jsonschema:"title=API key" jsonschema_description:"The key under \"Settings: API\", with 'quotes' and a # sign"`
	Token    connector.Secret   `json:"refresh_token,omitempty" jsonschema:"rotates"`
	BaseURL  string             `json:"base_url" jsonschema:"title=Base URL,format=uri"`
	Greeting string             `json:"greeting" jsonschema_description:"- a list? no: a text\nof two lines"`
	Template string             `json:"template"`
	Truth    string             `json:"truth"`
	Region   string             `json:"region" jsonschema:"enum=eu,enum=us: east,enum=no"`
	Weight   int                `json:"weight,omitempty" jsonschema:"enum=1,enum=5"`
	PageSize int                `json:"page_size" jsonschema:"minimum=1,maximum=1000"`
	Big      int64              `json:"big"`
	Rate     float64            `json:"rate"`
	Strict   bool               `json:"strict"`
	Window   time.Duration      `json:"window"`
	Since    time.Time          `json:"since"`
	Start    *time.Time         `json:"start"`
	Seed     []byte             `json:"seed,omitempty"`
	Address  netip.Addr         `json:"address,omitzero"`
	Tables   []string           `json:"tables"`
	Keys     []connector.Secret `json:"keys,omitempty"`
	Labels   map[string]string  `json:"labels"`
	Limits   map[string]int     `json:"limits,omitempty"`
	Extra    json.RawMessage    `json:"extra,omitempty"`
	Any      any                `json:"any"`
	Proxy    Proxy              `json:"proxy"`
	Tunnel   *Tunnel            `json:"tunnel"`
	Servers  []Tunnel           `json:"servers,omitempty"`
	Dotted   string             `json:"dotted.name,omitempty"`
	Spaced   string             `json:"spaced name,omitempty"`
}

// A Proxy is a nested object.
type Proxy struct {
	Host     string           `json:"host" jsonschema:"required"`
	Port     int              `json:"port"`
	Password connector.Secret `json:"password,omitempty"`
	TLS      struct {
		Verify bool `json:"verify"`
	} `json:"tls"`
}

// A Tunnel is an optional nested object.
type Tunnel struct {
	Host string           `json:"host"`
	Key  connector.Secret `json:"key"`
}

// Schema returns a table without rows.
func (*Connector) Schema(context.Context) (schema.Schema, error) {
	return schema.New("all", schema.Table{Name: "rows", Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}})
}

// Test succeeds.
func (*Connector) Test(context.Context) error { return nil }

// Sync delivers a row.
func (*Connector) Sync(_ context.Context, _ state.State, out connector.Emitter) error {
	return out.Upsert("rows", map[string]any{"id": 1})
}

func main() {
	penstock.Main(&Connector{
		Greeting: "\"Hello\": it's 100% 'fine' \U0001F600\n\ttab # no comment", Template: `cost $AMOUNT of ${TOTAL} \$X $5`, Truth: "yes",
		Region: "eu", PageSize: 500, Big: 9007199254740993, Rate: 0.25, Strict: true, Window: 90 * time.Minute,
		Since: time.Date(2024, 1, 2, 3, 4, 5, 123456789, time.UTC), Tables: []string{"orders", "- no: $LIST", "true"},
		Labels: map[string]string{"team": "data: \"x\"", "a.b": "dotted"}, Any: map[string]any{"deep": []any{1, nil, "null"}},
		Proxy: Proxy{Port: 3128},
	})
}
