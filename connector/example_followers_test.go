package connector_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// An Invoice is a row of the table invoices. The source returns an invoice with its
// lines.
type Invoice struct {
	ID    int64         `json:"id" schema:"primary_key"`
	Lines []InvoiceLine `json:"lines" schema:"-"`
}

// An InvoiceLine is a row of the table invoice_lines.
type InvoiceLine struct {
	InvoiceID int64  `json:"invoice_id" schema:"primary_key"`
	Text      string `json:"text" schema:"primary_key"`
}

// Ledger is a connector. The invoices have a cursor, which also covers their lines.
type Ledger struct{ invoices []Invoice }

func (*Ledger) Schema(context.Context) (schema.Schema, error) {
	return schema.New("ledger",
		schema.TableOf[Invoice]("invoices"),
		schema.TableOf[InvoiceLine]("invoice_lines").Following("invoices"))
}

func (*Ledger) Test(context.Context) error { return nil }

func (l *Ledger) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	var tables connector.Tables
	tables.Add("invoices", l.syncInvoices) // and invoice_lines
	return tables.Sync(ctx, st, out)
}

func (l *Ledger) syncInvoices(_ context.Context, st state.State, out connector.Emitter) error {
	cursor := state.NewCursor[int64](st, "invoices", state.Sorted())
	for _, invoice := range l.invoices {
		if invoice.ID < cursor.Start() {
			continue
		}
		if err := out.Upsert("invoices", &invoice); err != nil {
			return err
		}
		for _, line := range invoice.Lines {
			line.InvoiceID = invoice.ID
			if err := out.Upsert("invoice_lines", &line); err != nil {
				return err
			}
		}
		cursor.Advance(invoice.ID)
	}
	return nil
}

// The user deselects invoice_lines for the second sync. The third sync reads the
// invoices again from where the lines fell behind. The connector does nothing for
// this.
func ExampleTables_followers() {
	source := &Ledger{}
	var saved []byte
	for i, withLines := range []bool{true, false, true} {
		fmt.Println("sync", i+1)
		source.invoices = append(source.invoices, Invoice{ID: int64(i + 1), Lines: []InvoiceLine{{Text: "tea"}}})
		selected := host.Selection{Schemas: map[string]host.SchemaSelection{
			"ledger": {Tables: map[string]host.TableSelection{"invoice_lines": {Excluded: !withLines}}},
		}}
		run := host.New(context.Background(), source, host.LogTo(slog.DiscardHandler))
		err := run.Sync(host.SyncRequest{State: saved, Selection: selected}, host.DestinationFunc(func(op *host.Operation) error {
			switch op.Kind {
			case host.OpUpsert:
				fmt.Println(op.Table.Name, string(op.Row))
			case host.OpCheckpoint:
				saved = append(saved[:0], op.State...)
			}
			return nil
		}))
		if err = errors.Join(err, run.Close()); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// sync 1
	// invoices {"id":1}
	// invoice_lines {"invoice_id":1,"text":"tea"}
	// sync 2
	// invoices {"id":1}
	// invoices {"id":2}
	// sync 3
	// invoices {"id":1}
	// invoice_lines {"invoice_id":1,"text":"tea"}
	// invoices {"id":2}
	// invoice_lines {"invoice_id":2,"text":"tea"}
	// invoices {"id":3}
	// invoice_lines {"invoice_id":3,"text":"tea"}
}
