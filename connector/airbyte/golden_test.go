package airbyte_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// An Everything has a field of each kind, and a table with a column of each type.
type Everything struct {
	APIKey    connector.Secret            `json:"api_key" jsonschema:"title=API key" jsonschema_description:"From the page Settings, API"`
	BaseURL   string                      `json:"base_url,omitempty" jsonschema:"format=uri,example=https://api.example.com"`
	Region    string                      `json:"region" jsonschema:"enum=eu,enum=us"`
	PageSize  int                         `json:"page_size" jsonschema:"minimum=1,maximum=1000"`
	Ratio     float64                     `json:"ratio,omitempty"`
	Archived  bool                        `json:"archived"`
	Timeout   time.Duration               `json:"timeout"`
	Since     time.Time                   `json:"since,omitzero"`
	Salt      []byte                      `json:"salt,omitempty"`
	Address   netip.Addr                  `json:"address,omitzero"`
	Tokens    []connector.Secret          `json:"tokens,omitempty"`
	Accounts  map[string]connector.Secret `json:"accounts,omitempty"`
	Limits    map[string]int              `json:"limits,omitempty"`
	Fields    []string                    `json:"fields,omitempty" jsonschema:"enum=a,enum=b"`
	SortKey   string                      `json:"sort_key,omitempty" jsonschema:"minLength=2,pattern=^[a-z]+$"`
	Proxy     *Proxy                      `json:"proxy"`
	Mirrors   []Proxy                     `json:"mirrors,omitempty"`
	Password  *connector.Secret           `json:"password" jsonschema:"nullable"`
	Most      *int                        `json:"most" jsonschema:"nullable,maximum=9"`
	Either    string                      `json:"either,omitempty" jsonschema:"oneof_type=string;integer"`
	OneOfTwo  string                      `json:"one_of_two,omitempty" jsonschema:"oneof_required=one"`
	TwoOfTwo  string                      `json:"two_of_two,omitempty" jsonschema:"oneof_required=two"`
	Refresh   connector.Secret            `json:"refresh_token,omitempty" jsonschema:"rotates"`
	Period    string                      `json:"period,omitempty" jsonschema:"format=duration"`
	Anything  any                         `json:"anything"`
	Raw       json.RawMessage             `json:"raw,omitempty" jsonschema_description:"Any JSON"`
	Quota     json.Number                 `json:"quota,omitempty"`
	Unrelated string                      `json:"-"`
}

// A Proxy is an object within a configuration.
type Proxy struct {
	URL      string           `json:"url" jsonschema:"format=uri"`
	Password connector.Secret `json:"password,omitempty"`
	Token    string           `json:"token,omitempty"`
}

// A Value is a row with a column of each type.
type Value struct {
	Key     int64             `json:"key" schema:"primary_key"`
	Part    string            `json:"part" schema:"primary_key"`
	Boolean bool              `json:"boolean"`
	Short   int16             `json:"short"`
	Int     int32             `json:"int"`
	Long    *int64            `json:"long"`
	Float   float32           `json:"float"`
	Double  float64           `json:"double"`
	Decimal schema.Decimal    `json:"decimal" schema:"precision=12,scale=2"`
	Date    time.Time         `json:"naive_date" schema:"type=NAIVE_DATE,description=The day of the order, without a time"`
	Naive   time.Time         `json:"naive_datetime" schema:"type=NAIVE_DATETIME"`
	UTC     time.Time         `json:"utc_datetime"`
	Binary  []byte            `json:"binary"`
	XML     string            `json:"xml" schema:"type=XML"`
	String  string            `json:"string"`
	Object  struct{ A int }   `json:"object"`
	Map     map[string]string `json:"map"`
	List    []string          `json:"list"`
	Any     any               `json:"any"`
	Raw     json.RawMessage   `json:"raw"`
}

func (*Everything) Schema(context.Context) (schema.Schema, error) {
	return schema.New("shop", schema.TableOf[Value]("values"), schema.Table{
		Name: "events", Description: "What has happened", Columns: []schema.Column{{Name: "text", Type: schema.TypeString}},
	}, schema.Table{Name: "open"})
}

func (e *Everything) Test(context.Context) error {
	if e.Region == "us" {
		return connector.Errorf(connector.Configuration, "the region us is closed to %s", e.APIKey.Reveal())
	}
	return nil
}

func (e *Everything) Sync(_ context.Context, st state.State, out connector.Emitter) error {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC)
	long := int64(-9007199254740993)
	value := Value{
		Key: 9223372036854775807, Part: "p", Boolean: true, Short: -1, Int: 2, Long: &long, Float: 0.1, Double: 1e300, Decimal: "1234567890.10", Date: at, Naive: at, UTC: at,
		Binary: []byte{0, 255}, XML: "<a/>", String: "\u2028<&é\"\\", Object: struct{ A int }{1}, Map: map[string]string{"k": "v"}, List: []string{"x"}, Any: 1.50, Raw: json.RawMessage(`[ 1.50, {"b":1} ]`),
	}
	return errors.Join(
		st.Table("values").Set("page", 7), out.Upsert("values", value), out.Delete("values", Value{Key: 1, Part: "q"}),
		out.Upsert("events", map[string]any{"text": "first", "extra": 1}), out.Upsert("events", []byte(`{}`)),
		out.Warn("the source <shop> is slow"), out.Truncate("events"),
	)
}

func newEverything() *Everything {
	return &Everything{Region: "eu", PageSize: 100, Timeout: 30 * time.Second}
}

// TestTheMessagesOfEveryCommand compares all messages with golden files. To write them,
// set UPDATE_GOLDEN=1.
func TestTheMessagesOfEveryCommand(t *testing.T) {
	t.Parallel()
	const valid = `{"api_key":"key-0123456789","one_of_two":"x","more":1}`
	config := func(text string) []string { return []string{"--config", write(t, text)} }
	golden := func(file string, failing bool, c connector.Connector, args []string) {
		t.Helper()
		a := serve(t, c, args)
		if failing {
			require.Error(t, a.err, file)
		} else {
			require.NoError(t, a.err, file)
		}
		a.golden(t, file)
	}
	golden("spec.jsonl", false, newEverything(), []string{"spec"})
	golden("check.jsonl", false, newEverything(), append([]string{"check"}, config(valid)...))
	golden("check_failed.jsonl", false, newEverything(), append([]string{"check"}, config(`{"api_key":"key-0123456789","one_of_two":"x","region":"us"}`)...))
	golden("check_invalid.jsonl", false, newEverything(), append([]string{"check"}, config(`{"region":"mars","page_size":0}`)...))
	golden("discover.jsonl", false, newEverything(), append([]string{"discover"}, config(valid)...))
	golden("discover_invalid.jsonl", true, newEverything(), append([]string{"discover"}, config(`{}`)...))
	golden("discover_namespaces.jsonl", false, &source{tables: offices}, append([]string{"discover"}, config(`{}`)...))
	golden("read.jsonl", false, newEverything(), readArgs(t, valid, catalogOf("values", "events", "open", "gone"), ""))
	golden("read_namespaces.jsonl", false, &source{tables: offices, sync: syncOffices}, readArgs(t, `{}`, officesCatalog, ""))
	golden("read_failed.jsonl", true, wide(failing, "a", "b", "c", "d"), readArgs(t, `{}`, catalogOf("a", "b", "c", "d"), ""))
	golden("read_global.jsonl", false, wide(func(ctx context.Context, st state.State, out connector.Emitter) error {
		return errors.Join(st.Shared().Set("token", "x"), next(1, "a")(ctx, st, out))
	}, "a", "b"), readArgs(t, `{}`, catalogOf("a", "b"), ""))
	golden("read_replaced_secret.jsonl", false, &source{tables: offices, sync: func(ctx context.Context, _ state.State, _ connector.Emitter) error {
		return connector.ReplaceSecret(ctx, "token", "new-0123456789")
	}}, readArgs(t, `{"token":"old-0123456789","more":{"n":1.50}}`, `{"streams":[]}`, ""))
}

// offices returns two schemas that both have a table people.
func offices() (schema.Schema, error) {
	id := []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}
	staff, err := schema.New("staff", schema.Table{Name: "people", Columns: id})
	sales, err2 := schema.New("sales", schema.Table{Name: "people", Columns: id}, schema.Table{Name: "orders", Columns: id})
	if err := errors.Join(err, err2); err != nil {
		return nil, err
	}
	return schema.Join(staff, sales)
}

const officesCatalog = `{"streams":[{"stream":{"name":"people","namespace":"staff"}},{"stream":{"name":"people","namespace":"sales"}},{"stream":{"name":"orders"}}]}`

func syncOffices(_ context.Context, _ state.State, out connector.Emitter) error {
	return errors.Join(out.Upsert("staff.people", id(1)), out.Upsert("sales.people", id(2)), out.Upsert("orders", id(3)), out.Delete("sales.people", id(4)))
}

// failing is a sync in which table b fails with an error of the configuration, c with
// a panic, and d is not begun.
func failing(ctx context.Context, st state.State, out connector.Emitter) error {
	group := connector.Tables{Parallel: 1}
	for _, name := range []string{"a", "b", "c"} {
		group.Add(name, func(_ context.Context, _ state.State, out connector.Emitter) error {
			if name == "c" {
				panic("index out of range")
			}
			err := out.Upsert(name, id(1))
			if name == "b" {
				err = errors.Join(err, connector.Errorf(connector.Configuration, "403 Forbidden"))
			}
			return err
		})
	}
	return group.Sync(ctx, st, out)
}
