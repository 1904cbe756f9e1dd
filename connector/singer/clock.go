package singer

import "time"

// resolution is how far the text of a time may be behind the clock. Composing the text
// for each row would cost more than a tenth of the row.
const resolution = time.Millisecond

// timeFormat is RFC 3339 in UTC with microseconds.
const timeFormat = "2006-01-02T15:04:05.000000Z"

// A clock composes the ends of RECORD lines, which contain the time. They are composed
// again only once the time has moved by the resolution.
type clock struct {
	at      time.Time // of the texts
	end     string    // of a row
	deleted string    // of a deleted row, from the brace that ends its keys
}

// refresh composes the texts if they are older than the resolution.
func (c *clock) refresh() {
	now := time.Now()
	if now.Sub(c.at) < resolution && c.end != "" {
		return
	}
	text := now.UTC().Format(timeFormat)
	c.at = now
	c.end = `,"time_extracted":"` + text + `"}`
	c.deleted = `,"` + deletedAt + `":"` + text + `"}` + c.end
}
