package airbyte

import "strconv"

// A recordEnd is the text after the row in a RECORD line: the cursor, the end of the
// row, and the time. It is kept between rows, because only a few of its digits change.
type recordEnd struct {
	cursor int64 // of the last row
	millis int64
	text   []byte // such as ,"_ab_cdc_cursor":1795642389728841630},"emitted_at":1795642389728}}
	row    int    // where the row ends, after the cursor
}

// cursorStart precedes the cursor.
const cursorStart = `,"` + cursorColumn + `":`

// next moves the cursor on by one and sets the time. It returns the end of a record
// with a cursor, and that of a record without one. Both are valid until the next call.
func (e *recordEnd) next(millis int64) (withCursor, without []byte) {
	e.cursor++
	if millis != e.millis || !e.increment() {
		e.millis = millis
		e.text = strconv.AppendInt(append(e.text[:0], cursorStart...), e.cursor, 10)
		e.row = len(e.text)
		e.text = append(e.text, `},"emitted_at":`...)
		e.text = append(strconv.AppendInt(e.text, millis, 10), "}}"...)
	}
	return e.text, e.text[e.row+1:]
}

// increment adds one to the digits of the cursor. It reports false if they need another
// digit.
func (e *recordEnd) increment() bool {
	for i := e.row - 1; i >= len(cursorStart); i-- {
		if e.text[i] != '9' {
			e.text[i]++
			return true
		}
		e.text[i] = '0'
	}
	return false
}
