package protocol

import (
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// A TestResponse answers a test. It reports a success if Failure is empty.
type TestResponse struct{ Failure string }

// Append implements the message.
func (r *TestResponse) Append(b []byte) []byte {
	if r.Failure == "" {
		return appendBool(b, 1, true)
	}
	return appendString(b, 2, r.Failure)
}

// Parse decodes the message. A message that reports neither is a failure.
func (r *TestResponse) Parse(message []byte) error {
	r.Failure = "the test reported neither a success nor a failure"
	return fields(message, func(f *field) error {
		switch {
		case f.number == 1 && f.bool():
			r.Failure = ""
		case f.number == 1:
			r.Failure = "the test failed without a reason"
		case f.number == 2 && f.isBytes():
			if r.Failure = f.string(); r.Failure == "" {
				r.Failure = "the test failed without a reason"
			}
		}
		return nil
	})
}

// An UpdateResponse is one message of a sync. One of its fields is set. All are nil in a
// message of a kind that this package does not know.
type UpdateResponse struct {
	// Records holds the encoded records of the message, for [Record.Parse]. They share the
	// memory of the message.
	Records      [][]byte
	SchemaChange *Tables
	Checkpoint   *string // the state
	Warning      *string // the text
	Task         *string // the text
	Truncate     *Truncate
	File         bool // a part of a file, which only the Connector SDK has; it is not decoded
}

// A Truncate deletes the rows of a table that were delivered earlier. Only the Connector SDK
// has this message.
type Truncate struct{ Schema, Table string }

// The numbers of the fields of an UpdateResponse.
const (
	fieldRecord       protowire.Number = 1
	fieldSchemaChange protowire.Number = 2
	fieldCheckpoint   protowire.Number = 3
	fieldWarning      protowire.Number = 4
	fieldTask         protowire.Number = 5
	fieldRecords      protowire.Number = 6
	fieldFile         protowire.Number = 7
	fieldTruncate     protowire.Number = 8
)

// Append implements the message. Records are appended as a message Records.
func (r *UpdateResponse) Append(b []byte) []byte {
	text := func(number protowire.Number, s *string) {
		if s != nil {
			b = appendMessage(b, number, (*textMessage)(s))
		}
	}
	if r.Records != nil {
		b = appendMessage(b, fieldRecords, recordList(r.Records))
	}
	if r.SchemaChange != nil {
		b = protowire.AppendBytes(protowire.AppendTag(b, fieldSchemaChange, protowire.BytesType), r.SchemaChange.append(nil, 1, 2))
	}
	text(fieldCheckpoint, r.Checkpoint)
	text(fieldWarning, r.Warning)
	text(fieldTask, r.Task)
	if r.File {
		b = protowire.AppendBytes(protowire.AppendTag(b, fieldFile, protowire.BytesType), nil)
	}
	if r.Truncate != nil {
		b = appendMessage(b, fieldTruncate, r.Truncate)
	}
	return b
}

// Parse decodes the message. If it has fields of several kinds, the last one counts, and the
// parts of a message that is split into several fields are merged.
func (r *UpdateResponse) Parse(message []byte) error {
	var kind protowire.Number
	split := false // Records has a copy of the parts of a record
	return fields(message, func(f *field) error {
		if !f.isBytes() || f.number > fieldTruncate {
			return nil
		}
		if f.number != kind {
			*r, kind, split = UpdateResponse{}, f.number, false
		}
		switch f.number {
		case fieldRecord:
			if r.Records == nil {
				r.Records = [][]byte{f.bytes}
				return nil
			}
			if !split {
				r.Records[0], split = slices.Clone(r.Records[0]), true
			}
			r.Records[0] = append(r.Records[0], f.bytes...) // the rest of a record that is split
		case fieldRecords:
			return fields(f.bytes, func(f *field) error {
				if f.number == 1 && f.isBytes() {
					r.Records = append(r.Records, f.bytes)
				}
				return nil
			})
		case fieldSchemaChange:
			if r.SchemaChange == nil {
				r.SchemaChange = new(Tables)
			}
			return fields(f.bytes, func(f *field) error { return r.SchemaChange.parse(f, 1) })
		case fieldCheckpoint:
			return parseText(&r.Checkpoint, f.bytes)
		case fieldWarning:
			return parseText(&r.Warning, f.bytes)
		case fieldTask:
			return parseText(&r.Task, f.bytes)
		case fieldFile:
			r.File = true
		case fieldTruncate:
			if r.Truncate == nil {
				r.Truncate = new(Truncate)
			}
			return r.Truncate.parse(f.bytes)
		}
		return nil
	})
}

// A recordList is the message Records.
type recordList [][]byte

func (l recordList) Append(b []byte) []byte {
	for _, record := range l {
		b = protowire.AppendBytes(protowire.AppendTag(b, 1, protowire.BytesType), record)
	}
	return b
}

// A textMessage is a message whose only field, 1, is a string.
type textMessage string

func (m *textMessage) Append(b []byte) []byte { return appendString(b, 1, string(*m)) }

// parseText decodes a message whose only field, 1, is a string.
func parseText(text **string, message []byte) error {
	if *text == nil {
		*text = new(string)
	}
	return fields(message, func(f *field) error {
		if f.number == 1 && f.isBytes() {
			**text = f.string()
		}
		return nil
	})
}

// Append implements the message.
func (t *Truncate) Append(b []byte) []byte {
	return appendString(appendString(b, 1, t.Schema), 2, t.Table)
}

func (t *Truncate) parse(message []byte) error {
	return fields(message, func(f *field) error {
		switch {
		case f.number == 1 && f.isBytes():
			t.Schema = f.string()
		case f.number == 2 && f.isBytes():
			t.Table = f.string()
		}
		return nil
	})
}
