package format

import (
	"bufio"
	"context"
	"fmt"
	"io"

	"github.com/penstock-sdk/penstock/transport/internal/bodytext"
)

// A textReader reads the text of a format as UTF-8. It reports invalid bytes as it
// reads them. The error of a text that ends within a character wraps ErrCut.
type textReader struct {
	*bodytext.Reader
	ctx      context.Context
	source   bodytext.Source
	reported int
	warned   bool // that its charset is declared wrongly
}

// Read implements io.Reader.
func (t *textReader) Read(p []byte) (int, error) {
	n, err := t.Reader.Read(p)
	if replaced := t.Replaced(); replaced > t.reported {
		t.source.Report.Add(t.ctx, t.source.Name(), replaced-t.reported)
		t.reported = replaced
	}
	if !t.warned && t.Misdeclared() {
		t.warned = true
		t.source.Report.AddMisdeclared(t.ctx, t.source.Name())
	}
	if err != nil {
		err = t.source.Explain(err)
	}
	return n, err
}

// openText opens the text of r, whose charset is the one that c knows. c may be nil.
func (c *lossCheck) openText(r io.Reader) (*textReader, error) {
	return c.openCharset(bufio.NewReader(r), "")
}

// openXML opens an XML document. Its declaration names the charset that applies if no
// other is known (RFC 7303 §3).
func (c *lossCheck) openXML(r io.Reader) (*textReader, error) {
	buf := bufio.NewReader(r)
	if c != nil && c.source.Name() != "" {
		return c.openCharset(buf, "")
	}
	return c.openCharset(buf, bodytext.OfXML(buf))
}

// openCharset opens text whose charset is named by the author or by the text itself. If
// the name is empty, it is the one that c knows.
func (c *lossCheck) openCharset(buf *bufio.Reader, name string) (*textReader, error) {
	if err := refuseCompressed(bodytext.CompressionOf(buf)); err != nil {
		return nil, err
	}
	t := &textReader{}
	if c != nil {
		t.ctx, t.source = c.ctx, c.source
	} else {
		t.ctx = context.Background()
		t.source = bodytext.From(t.ctx)
	}
	if name != "" {
		t.source.Charset, t.source.Declared = name, false
	}
	open := bodytext.NewReader
	if t.source.Declared {
		open = bodytext.NewDeclaredReader
	}
	text, err := open(buf, t.source.Charset)
	if err != nil {
		return nil, t.source.CannotDecode(err)
	}
	t.Reader = text
	return t, nil
}

// refuseCompressed returns an error if a text is a file of a kind that is not text.
func refuseCompressed(kind string) error {
	if kind == "" {
		return nil
	}
	fix := "this package does not read it"
	switch kind {
	case "gzip":
		fix = "wrap its format in format.Gzip"
	case "zip":
		fix = "read an archive with format.Zip"
	}
	return fmt.Errorf("the text is %s: %s", bodytext.DescribeBinary(kind), fix)
}
