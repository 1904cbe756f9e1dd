package format

import (
	"context"
	"io"

	"github.com/penstock-sdk/penstock/transport/internal/bodytext"
	"github.com/penstock-sdk/penstock/transport/internal/loss"
)

// A lossCheck reports the nulls and the digits of numbers that are lost when records are
// decoded. It also says which charset the text has.
type lossCheck struct {
	ctx    context.Context
	report *loss.Report
	json   *loss.Plan // for records of JSON; nil if they can lose nothing
	cells  *loss.Plan // for records of cells; nil if they can lose nothing
	source bodytext.Source
}

func newLossCheck[T any](ctx context.Context) *lossCheck {
	c := &lossCheck{ctx: ctx, json: loss.For[T](), cells: loss.ForCells[T](), source: bodytext.From(ctx)}
	if c.json != nil || c.cells != nil {
		c.report = loss.From(ctx)
	}
	return c
}

// checkingFormat is implemented by the formats of this package that can check the
// records that they decode.
type checkingFormat interface {
	read(r io.Reader, maxRecord int64, c *lossCheck, yield func(decode func(v any) error) bool) error
}

// read reads records of a format and checks them if it can. c may be nil.
func read(f Format, r io.Reader, maxRecord int64, c *lossCheck, yield func(decode func(v any) error) bool) error {
	if c == nil {
		return f.Read(r, maxRecord, yield)
	}
	switch f.(type) {
	case JSON, NDJSON, *JSON, *NDJSON:
		text, err := c.openText(r)
		if err != nil {
			return err
		}
		r = text
	}
	switch own := f.(type) {
	// A type of another package that embeds one of these has the method too, but
	// its Read counts.
	case JSON, NDJSON, CSV, XML, Zip, gzipped, *JSON, *NDJSON, *CSV, *XML, *Zip:
		return own.(checkingFormat).read(r, maxRecord, c, yield)
	}
	return f.Read(r, maxRecord, yield)
}
