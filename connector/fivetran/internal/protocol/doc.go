// Package protocol has the messages of the gRPC service fivetran_sdk.v2.SourceConnector, which
// Fivetran's Partner SDK and its Connector SDK define. Messages are encoded and decoded by
// hand: a row costs a quarter of what generated code costs, and no type is registered in the
// process, where the generated code of a program would collide with it.
//
// A message is a struct with the methods Append, which appends its encoding to a slice, and
// Parse, which decodes it. Fields and values that a message has and this package does not know
// are ignored, as in every implementation of Protocol Buffers.
package protocol
