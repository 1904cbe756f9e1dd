package format

import (
	"context"
	"io"

	"github.com/penstock-sdk/penstock/transport/internal/bodytext"
	"github.com/penstock-sdk/penstock/transport/internal/lostnull"
)

// A nullCheck reports the nulls that are lost when records are decoded. It also says
// which charset the text has.
type nullCheck struct {
	ctx    context.Context
	report *lostnull.Report
	json   *lostnull.Plan // for records of JSON; nil if they can lose no null
	cells  *lostnull.Plan // for records of cells; nil if they can lose no null
	source bodytext.Source
}

func newNullCheck[T any](ctx context.Context) *nullCheck {
	c := &nullCheck{ctx: ctx, json: lostnull.For[T](), cells: lostnull.ForCells[T](), source: bodytext.From(ctx)}
	if c.json != nil || c.cells != nil {
		c.report = lostnull.From(ctx)
	}
	return c
}

// checkingFormat is implemented by the formats of this package that can check the
// records that they decode.
type checkingFormat interface {
	read(r io.Reader, maxRecord int64, c *nullCheck, yield func(decode func(v any) error) bool) error
}

// read reads records of a format and checks them if it can. c may be nil.
func read(f Format, r io.Reader, maxRecord int64, c *nullCheck, yield func(decode func(v any) error) bool) error {
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
