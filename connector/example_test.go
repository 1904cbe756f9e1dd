package connector_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A Ticket is a row of the table tickets. Its fields are the columns.
type Ticket struct {
	ID        int64     `json:"id" schema:"primary_key"`
	Title     string    `json:"title"`
	UpdatedAt time.Time `json:"updated_at"`
}

// Desk is a whole connector. Its source is a slice.
type Desk struct {
	Token connector.Secret `json:"token" jsonschema:"title=Token"`
	Limit int              `json:"limit" jsonschema:"minimum=1"`
}

func (d *Desk) Schema(context.Context) (schema.Schema, error) {
	return schema.New("desk", schema.TableOf[Ticket]("tickets"))
}

func (d *Desk) Test(context.Context) error {
	if d.Token.Reveal() != "open sesame" {
		return errors.New("the token is no longer valid")
	}
	return nil
}

func (d *Desk) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	cursor := state.NewCursor[time.Time](st, "tickets", state.Sorted())
	for _, ticket := range ticketsSince(cursor.Start()) {
		if err := out.Upsert("tickets", &ticket); err != nil {
			return err
		}
		cursor.Advance(ticket.UpdatedAt)
		if err := out.Checkpoint(); err != nil {
			return err
		}
	}
	return nil
}

// ticketsSince reads the source.
func ticketsSince(since time.Time) (found []Ticket) {
	for i, title := range []string{"Printer on fire", "No coffee"} {
		at := time.Date(2026, 1, 2+i, 9, 0, 0, 0, time.UTC)
		if !at.Before(since) {
			found = append(found, Ticket{ID: int64(i + 1), Title: title, UpdatedAt: at})
		}
	}
	return found
}

// The stdin protocol makes the connector's responses visible. A program calls
// penstock.Main(&Desk{Limit: 100}) instead of stdin.Serve.
func Example() {
	for _, request := range []string{
		`{"selection":{"action":"schema"}}`,
		`{"secrets":{"token":"guess"},"selection":{"action":"test"}}`,
		`{"secrets":{"token":"open sesame","limit":"50"},"state":{}}`,
		`{"secrets":{"token":"open sesame"},"state":{"tickets":{"cursor":"2026-01-03T09:00:00Z"}}}`,
		`{"secrets":{"limit":"none"}}`,
	} {
		err := stdin.Serve(context.Background(), &Desk{Limit: 100}, strings.NewReader(request), os.Stdout, host.LogTo(slog.DiscardHandler))
		fmt.Println("error:", err)
	}
	// Output:
	// {"schemas":{"desk":{"tables":{"tickets":{"columns":{"id":{"type":"LONG","primary_key":true},"title":{"type":"STRING"},"updated_at":{"type":"UTC_DATETIME"}}}}}}}
	// error: <nil>
	// {"status":"FAILURE","message":"the token is no longer valid"}
	// error: <nil>
	// {"type":"RECORD","record":{"desk":{"tickets":{"id":1,"title":"Printer on fire","updated_at":"2026-01-02T09:00:00Z"}}}}
	// {"type":"RECORD","record":{"desk":{"tickets":{"id":2,"title":"No coffee","updated_at":"2026-01-03T09:00:00Z"}}}}
	// {"type":"STATE","state":{"tickets":{"cursor":"2026-01-03T09:00:00Z"}}}
	// error: <nil>
	// {"type":"RECORD","record":{"desk":{"tickets":{"id":2,"title":"No coffee","updated_at":"2026-01-03T09:00:00Z"}}}}
	// {"type":"STATE","state":{"tickets":{"cursor":"2026-01-03T09:00:00Z"}}}
	// error: <nil>
	// {"type":"LOG","log":{"level":"SEVERE","message":"limit: want a whole number; token: is required; check the configuration"}}
	// error: limit: want a whole number; token: is required
}

// Tables syncs several tables concurrently. A table that fails does not stop the
// others.
func ExampleTables() {
	run := host.New(context.Background(), &library{}, host.LogTo(slog.DiscardHandler))
	defer run.Close()
	err := run.Sync(host.SyncRequest{}, host.DestinationFunc(func(*host.Operation) error { return nil }))
	fmt.Println(err)
	fmt.Println(connector.KindOf(err))
	var failed *connector.TablesError
	if errors.As(err, &failed) {
		fmt.Println(len(failed.Failures), "of", failed.Total)
	}
	// Output:
	// 1 of 2 tables failed: loans: the key may not read loans
	// configuration
	// 1 of 2
}

type library struct{}

func (*library) Schema(context.Context) (schema.Schema, error) {
	id := []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}
	return schema.New("library", schema.Table{Name: "books", Columns: id}, schema.Table{Name: "loans", Columns: id})
}

func (*library) Test(context.Context) error { return nil }

func (l *library) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	var tables connector.Tables
	tables.Add("books", l.syncBooks)
	tables.Add("loans", l.syncLoans)
	return tables.Sync(ctx, st, out)
}

func (*library) syncBooks(_ context.Context, _ state.State, out connector.Emitter) error {
	return out.Upsert("books", map[string]any{"id": 1, "title": "Dune"})
}

func (*library) syncLoans(context.Context, state.State, connector.Emitter) error {
	return connector.Errorf(connector.Configuration, "the key may not read loans")
}

// The kind of an error states who can act on it.
func ExampleKindOf() {
	err := fmt.Errorf("sync of orders: %w", connector.Errorf(connector.Transient, "the source is under maintenance"))
	fmt.Println(connector.KindOf(err))
	fmt.Println(connector.KindOf(errors.New("index out of range")))
	// Output:
	// transient
	// defect
}

// Only Reveal returns the value of a Secret.
func ExampleSecret() {
	key := connector.Secret("hunter2")
	fmt.Printf("%v %+v %q %#v\n", key, key, key, key)
	fmt.Println(len(key.Reveal()))
	// Output:
	// [redacted] [redacted] [redacted] [redacted]
	// 7
}

// Vault is a connector. Its source replaces the refresh token at each use.
type Vault struct {
	RefreshToken connector.Secret `json:"refresh_token" jsonschema:"title=Refresh token,rotates"`
}

func (*Vault) Schema(context.Context) (schema.Schema, error) {
	return schema.New("vault", schema.Table{Name: "entries"})
}

func (v *Vault) Test(ctx context.Context) error {
	// auth.OAuth2 calls its function Rotated with the new token.
	return connector.ReplaceSecret(ctx, "refresh_token", v.RefreshToken+"-next")
}

func (*Vault) Sync(context.Context, state.State, connector.Emitter) error { return nil }

// ReplaceSecret sends the new value of a secret to the platform, in this example
// before the result of a test.
func ExampleReplaceSecret() {
	request := `{"secrets":{"refresh_token":"rt-0123456789"},"selection":{"action":"test"}}`
	err := stdin.Serve(context.Background(), &Vault{}, strings.NewReader(request), os.Stdout, host.LogTo(slog.DiscardHandler))
	fmt.Println("error:", err)
	// Output:
	// {"type":"SECRETS","secrets":{"refresh_token":"rt-0123456789-next"}}
	// {"status":"SUCCESS","message":"The connection works."}
	// error: <nil>
}
