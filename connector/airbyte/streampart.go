package airbyte

// A streamPart is the state of one stream at a checkpoint.
type streamPart struct {
	stream  *stream // nil if the user has not selected the table
	quoted  string  // the descriptor as JSON
	state   []byte
	changed bool
}

// records returns the number of records since the last state of the stream.
func (p *streamPart) records() int64 {
	if p.stream == nil {
		return 0
	}
	return p.stream.records
}
