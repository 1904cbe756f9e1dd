package jsonpath

import (
	"fmt"
	"slices"

	"github.com/penstock-sdk/penstock/transport/internal/sentinel"
)

// Records returns the records at a path: the elements of the array there, or,
// if the path has a wildcard, the values themselves.
func (d *Document) Records(p Path) ([]Span, error) {
	if p.Many() {
		var values []Span
		tooMany := false
		depth, err := d.walk(d.root, p.steps, func(v Span) bool {
			if tooMany = d.full(len(values)); tooMany {
				return false
			}
			values = append(values, v)
			return true
		})
		if tooMany && err == nil {
			err = d.tooManyRecords()
		}
		if err != nil || depth == len(p.steps) {
			return values, err
		}
		if steps, ok := d.literal(p); ok {
			return d.Records(Path{text: p.text, steps: steps})
		}
		return nil, d.Missing(p)
	}
	at, ok, err := d.Find(p)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, d.Missing(p)
	}
	switch d.Body[at.Start] {
	case '[':
		return d.elements(at)
	case 'n':
		return nil, nil
	}
	return nil, fmt.Errorf("%w %s: there is %s, not an array", sentinel.ErrNoRecords, p, d.Describe(at))
}

// A scannedList holds the elements of an array that were found when the root was scanned.
type scannedList struct {
	at     Span // of the array
	values []Span
}

// maxScanned is the number of elements up to which they are kept when the root is scanned.
// The limit of the document is not known by then.
const maxScanned = 1 << 14

// skipRecords returns the index after the value at start, which begins with '['. It keeps
// the elements for Records, which then need not scan the array once more.
func (d *Document) skipRecords(start int) (end int, err error) {
	values, end, tooMany, err := d.scanElements(Span{start, len(d.Body)}, maxScanned)
	if tooMany || err != nil {
		return skipValue(d.Body, start) // Records reports the error
	}
	d.scanned = &scannedList{Span{start, end}, values}
	return end, nil
}

// elements returns the elements of the array at a span.
func (d *Document) elements(at Span) ([]Span, error) {
	if s := d.scanned; s != nil && s.at == at && (d.MaxRecords == 0 || len(s.values) <= d.MaxRecords) {
		return s.values, nil
	}
	values, _, tooMany, err := d.scanElements(at, d.MaxRecords)
	if tooMany && err == nil {
		err = d.tooManyRecords()
	}
	if err != nil {
		return nil, err
	}
	return values, nil
}

// scanElements returns the elements of the array at a span, and the index after the array.
// The span may also end after the array. tooMany reports that there are more than most
// elements, if most is not 0.
func (d *Document) scanElements(at Span, most int) (values []Span, end int, tooMany bool, err error) {
	end, err = elements(d.Body, at.Start, func(v Span) bool {
		if tooMany = most > 0 && len(values) >= most; tooMany {
			return false
		}
		if values == nil {
			// Records have similar sizes, so the first one predicts their number.
			values = make([]Span, 0, min((at.End-at.Start)/(v.End-v.Start+1)+1, 1<<14))
		}
		if n := len(values); n == cap(values) {
			// So do those that are left.
			more := int64(n)*int64(at.End-v.Start)/int64(v.Start-at.Start) + int64(n)/8
			if most > 0 && more > int64(most-n) {
				// They are counted first, so that a list that is refused takes no memory.
				if tooMany = moreElements(d.Body, at.Start, most); tooMany {
					return false
				}
				more = int64(most - n)
			}
			values = slices.Grow(values, max(int(more), 1))
		}
		values = append(values, v)
		return true
	})
	return values, end, tooMany, err
}

// moreElements reports whether the array at start has more than most elements. An array that
// is not valid has not.
func moreElements(body []byte, start, most int) bool {
	n := 0
	_, err := elements(body, start, func(Span) bool { n++; return n <= most })
	return err == nil && n > most
}

// full reports whether n records are as many as there may be.
func (d *Document) full(n int) bool { return d.MaxRecords > 0 && n >= d.MaxRecords }

func (d *Document) tooManyRecords() error {
	return fmt.Errorf("body: %w: more than %d records: request smaller pages, read the response with Stream, or raise transport.WithMaxBody", sentinel.ErrTooLarge, d.MaxRecords)
}
