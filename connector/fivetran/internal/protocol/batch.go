package protocol

import (
	"encoding/binary"

	"google.golang.org/protobuf/encoding/protowire"
)

// batchHead is the space before the records of a [Batch] for the head of the message: a tag
// and a length of up to five bytes.
const batchHead = 6

// A Batch is an UpdateResponse with records that is being encoded. The zero Batch is empty.
type Batch struct {
	buf []byte
	n   int // the number of records
}

// Len returns the number of records.
func (b *Batch) Len() int { return b.n }

// Size returns the size of the records in bytes.
func (b *Batch) Size() int { return max(len(b.buf)-batchHead, 0) }

// Start makes the batch empty, and lets it use the memory of buf.
func (b *Batch) Start(buf []byte) {
	var head [batchHead]byte
	b.buf, b.n = append(buf[:0], head[:]...), 0 //nolint:gocritic // the batch uses the memory of buf
}

// recordHead is the space for the tag and the length of a record: three bytes are enough for
// records of up to 16 KB; larger ones are moved.
const recordHead = 3

// Begin begins a record and returns the slice to which its fields must be appended. End ends
// the record.
func (b *Batch) Begin() []byte { return append(b.buf, 1<<3|byte(protowire.BytesType), 0, 0) }

// End ends the record whose fields have been appended to the result of Begin.
func (b *Batch) End(buf []byte) {
	start := len(b.buf)
	size := len(buf) - start - recordHead
	switch n := protowire.SizeVarint(uint64(size)); n {
	case 1:
		copy(buf[start+2:], buf[start+recordHead:])
		buf = buf[:len(buf)-1]
		buf[start+1] = byte(size)
	case 2:
		buf[start+1], buf[start+2] = byte(size)|0x80, byte(size>>7)
	default:
		buf = append(buf, make([]byte, n-2)...)
		copy(buf[start+1+n:], buf[start+recordHead:len(buf)-(n-2)])
		binary.PutUvarint(buf[start+1:], uint64(size))
	}
	b.buf = buf
	b.n++
}

// Message returns the message, and the whole buffer of which it is a part.
func (b *Batch) Message() (message, whole []byte) {
	var head [batchHead]byte
	head[0] = byte(fieldRecords)<<3 | byte(protowire.BytesType)
	n := 1 + binary.PutUvarint(head[1:], uint64(len(b.buf)-batchHead))
	start := batchHead - n
	copy(b.buf[start:], head[:n])
	return b.buf[start:], b.buf
}
