package format

import (
	"fmt"
	"io"
)

const (
	// bytesPerXMLValue is the number of bytes of the limit of a record for each element or
	// attribute that the record may have. Each takes memory even if its text is short.
	bytesPerXMLValue = 128
	// minXMLValues is the number of elements and attributes that a record may have with any
	// limit.
	minXMLValues = 1 << 16
)

// An xmlReader reads XML for package encoding/xml and limits its records.
type xmlReader struct {
	text  recordLimit
	scan  xmlScan
	limit int64 // of the elements and attributes of a record
	err   error // of the text that was read last
}

// newXMLReader returns a reader whose records have up to maxRecord bytes.
func newXMLReader(text io.Reader, maxRecord int64) *xmlReader {
	return &xmlReader{
		text:  recordLimit{r: text, limit: maxRecord},
		limit: max(maxRecord/bytesPerXMLValue, minXMLValues),
	}
}

// beginRecord restarts the limits of a record.
func (x *xmlReader) beginRecord() { x.text.n, x.scan.values = 0, 0 }

func (x *xmlReader) Read(p []byte) (int, error) {
	if x.err != nil {
		return 0, x.err
	}
	n, err := x.text.Read(p)
	// The decoder reads the text before the limit first, which may have another error.
	if x.err = x.scan.read(p[:n]); x.err == nil && x.scan.values > x.limit {
		x.err = fmt.Errorf("record: %w: more than %d elements and attributes: raise the limit of its size, such as transport.WithMaxBody", ErrTooLarge, x.limit)
	}
	return n, err
}
