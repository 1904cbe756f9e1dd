package protocol

import (
	"fmt"

	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
)

// A Codec lets gRPC send and receive messages as they are: a [mem.BufferSlice] that is sent,
// and a *[]byte into which a message is received. It is passed to a server or a client, so that
// other gRPC code of the process is not affected.
type Codec struct{}

var _ encoding.CodecV2 = Codec{}

// Name returns the name that is part of the content type of all messages.
func (Codec) Name() string { return "proto" }

// Marshal returns the message v, which is a mem.BufferSlice.
func (Codec) Marshal(v any) (mem.BufferSlice, error) {
	m, ok := v.(mem.BufferSlice)
	if !ok {
		return nil, fmt.Errorf("send a message: unexpected type %T", v)
	}
	return m, nil
}

// Unmarshal copies a message into v, which is a *[]byte.
func (Codec) Unmarshal(data mem.BufferSlice, v any) error {
	m, ok := v.(*[]byte)
	if !ok {
		return fmt.Errorf("receive a message: unexpected type %T", v)
	}
	*m = data.Materialize()
	return nil
}

// Encode returns a message in the form in which a [Codec] sends it.
func Encode(m interface{ Append(b []byte) []byte }) mem.BufferSlice {
	return mem.BufferSlice{mem.SliceBuffer(m.Append(nil))}
}
