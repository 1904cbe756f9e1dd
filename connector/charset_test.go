package connector_test

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/format"
)

type person struct {
	ID   int    `json:"id" schema:"primary_key"`
	Name string `json:"name"`
}

// deliverEach returns a Sync that delivers the records of a source as rows of the
// table "people".
func deliverEach[T any](records func(context.Context, *transport.Client) iter.Seq2[T, error], row func(*T) any) func(context.Context, *scripted, state.State, connector.Emitter) error {
	return func(ctx context.Context, _ *scripted, _ state.State, out connector.Emitter) error {
		client, err := transport.New("http://api.test")
		if err != nil {
			return err
		}
		for record, err := range records(ctx, client) {
			if err != nil {
				return err
			}
			if err := out.Upsert("people", row(&record)); err != nil {
				return err
			}
		}
		return nil
	}
}

// A source declares its charset in Content-Type (RFC 9110, section 8.3.2) or not at
// all.
func TestTextThatIsNotUTF8IsConvertedOrReported(t *testing.T) {
	asStruct := func(p *person) any { return p }
	stream := func(format format.Format) func(context.Context, *scripted, state.State, connector.Emitter) error {
		return deliverEach(func(ctx context.Context, c *transport.Client) iter.Seq2[person, error] {
			return transport.Stream[person](ctx, c, transport.Request{}, format)
		}, asStruct)
	}
	records := deliverEach(func(ctx context.Context, c *transport.Client) iter.Seq2[person, error] {
		return transport.Records[person](ctx, c, transport.Request{}, nil)
	}, asStruct)
	raw := deliverEach(func(ctx context.Context, c *transport.Client) iter.Seq2[json.RawMessage, error] {
		return transport.Records[json.RawMessage](ctx, c, transport.Request{}, nil)
	}, func(r *json.RawMessage) any { return []byte(*r) })
	const (
		latin1    = "[{\"id\":1,\"name\":\"Caf\xe9 Z\xfcrich\"}]"
		latin1CSV = "id,name\n1,Caf\xe9 Z\xfcrich\n"
		want      = `{"id":1,"name":"Café Zürich"}`
	)
	utf16 := []byte{0xff, 0xfe}
	for _, r := range `[` + want + `]` {
		utf16 = append(utf16, byte(r), byte(r>>8))
	}
	for _, c := range []struct {
		name, contentType, body, want string
		sync                          func(context.Context, *scripted, state.State, connector.Emitter) error
	}{
		{"JSON", "application/json; charset=ISO-8859-1", latin1, want, records},
		{"JSON, undeclared", "application/json", latin1, want, records},
		{"raw JSON", "application/json; charset=iso-8859-1", latin1, want, raw},
		{"CSV", "text/csv; charset=windows-1252", latin1CSV, want, stream(format.CSV{})},
		{"CSV, undeclared", "text/csv", latin1CSV, want, stream(format.CSV{})},
		{"NDJSON", "application/x-ndjson; charset=iso-8859-1", "{\"id\":1,\"name\":\"Caf\xe9 Z\xfcrich\"}\n", want, stream(format.NDJSON{})},
		{"NDJSON, undeclared", "application/x-ndjson", "{\"id\":1,\"name\":\"Caf\xe9\"}\n", "a warning", stream(format.NDJSON{})},
		{"JSON, wrong declaration", "application/json; charset=utf-8", latin1, "a warning", records},
		{"streamed JSON", "application/json; charset=latin1", latin1, want, stream(format.JSON{})},
		{"CSV with a wrong default", "text/csv; charset=ISO-8859-1", "id,name\n1,Café Zürich\n", want, stream(format.CSV{})},
		{"unknown charset", "text/csv; charset=x-unknown", latin1CSV, "an error", stream(format.CSV{})},
		{"UTF-16", "application/json; charset=utf-16", string(utf16), want, records},
		{"half of a surrogate pair", "application/json", `[{"id":1,"name":"Caf\ud83d"}]`, "an error or a warning", records},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := connectortest.TrySync(t,
				&scripted{tables: []schema.Table{schema.TableOf[person]("people")}, sync: c.sync},
				connectortest.Source(func() http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
						w.Header().Set("Content-Type", c.contentType)
						_, _ = w.Write([]byte(c.body))
					})
				}))
			if err != nil || warned(r) {
				return
			}
			if rows := r.Rows("people"); assert.Len(t, rows, 1) {
				assert.Equal(t, c.want, string(rows[0]), "delivered without an error or a warning")
			}
		})
	}
}

func TestCSVSupportsTheCharsetShiftJIS(t *testing.T) {
	for p, err := range format.Decode[person](strings.NewReader("id,name\n1,\x93\x8c\x8b\x9e\n"), format.CSV{Charset: "shift_jis"}) {
		if assert.NoError(t, err) {
			assert.Equal(t, "東京", p.Name)
		}
	}
}
