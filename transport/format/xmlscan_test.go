package format

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
)

// scanned returns the state of a scan at the end of a text, and its error.
func scanned(r io.Reader) (*xmlScan, error) {
	var x xmlScan
	buf := make([]byte, 64)
	for {
		n, err := r.Read(buf)
		if err := x.read(buf[:n]); err != nil {
			return &x, err
		}
		if err != nil {
			return &x, nil
		}
	}
}

func TestTheScanOfXMLKnowsWhatAnElementIs(t *testing.T) {
	for text, want := range map[string]struct {
		values int64
		depth  int
	}{
		`<a/>`:                               {1, 0},
		`<a b="1" c='2'/>`:                   {3, 0},
		`<a b="/"><c d=">"></c>`:             {4, 1},
		`<a b=" = = "/>`:                     {2, 0},
		`<a><!-- <b> --></a>`:                {1, 0},
		`<a><!-- -> - --></a>`:               {1, 0},
		`<a><![CDATA[<b>]] ]>]]]></a>`:       {1, 0},
		`<?xml version="1.0"?><a></a>`:       {1, 0},
		`<?p ? > ?><a></a>`:                  {1, 0},
		`<!DOCTYPE a><a/>`:                   {1, 0},
		`<!DOCTYPE a [<!ENTITY b ">">]><a/>`: {1, 0},
		`<!DOCTYPE a [<!-- it's > --><!ENTITY b "c">]><a/>`: {1, 0},
		`<a>1 > 0</a>`: {1, 0},
		`<a><b>`:       {2, 2},
	} {
		for _, r := range []io.Reader{strings.NewReader(text), iotest.OneByteReader(strings.NewReader(text))} {
			x, err := scanned(r)
			assert.NoError(t, err, text)
			assert.Equal(t, want.values, x.values, text)
			assert.Equal(t, want.depth, x.depth, text)
			assert.Len(t, x.attrs, want.depth, text)
		}
	}
}

// FuzzXMLScan compares the elements that the scan counts with those of package encoding/xml,
// for text that the package reads.
func FuzzXMLScan(f *testing.F) {
	for _, text := range []string{
		`<a/>`, `<a b="1" c='2'/>`, `<a><!-- <b> --></a>`, `<a><![CDATA[<b>]]></a>`, `<?xml version="1.0"?><a></a>`,
		`<!DOCTYPE a [<!-- it's > --><!ENTITY b ">">]><a/>`, `<a b="/"><c d=">"></c></a>`, `<!><a>>`, `<!-><a/>`, `<a b = "c" / >`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d := xml.NewDecoder(strings.NewReader(text))
		var values int64
		depth, deepest := 0, 0
		for {
			tok, err := d.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				return
			}
			switch tok := tok.(type) {
			case xml.StartElement:
				values += 1 + int64(len(tok.Attr))
				depth++
			case xml.EndElement:
				depth--
			}
			deepest = max(deepest, depth)
		}
		for _, r := range []io.Reader{strings.NewReader(text), iotest.OneByteReader(strings.NewReader(text))} {
			x, err := scanned(r)
			if deepest > maxXMLNesting || values > maxXMLAttrs || len(text) > maxXMLMarkup {
				continue
			}
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			if x.values != values || x.depth != depth || x.open != 0 {
				t.Fatalf("%q: %d values, depth %d, %d attributes, want %d values and depth %d", text, x.values, x.depth, x.open, values, depth)
			}
		}
	})
}
