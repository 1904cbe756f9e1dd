package fakeapi

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
)

// A token is the place in a list where a page begins. In a list with an order it
// is one after a value, so that rows which come or go elsewhere don't move it.
type token struct {
	list uint64 // what identifies the list and its filters
	skip uint64 // how many rows: of those with the value or, without one, of all
	// value is that of the field by which the rows are ordered, if they are.
	value   string
	ordered bool
	missing bool // the row has no such value
}

var tokens = base64.RawURLEncoding.Strict()

const (
	unordered = iota
	missingValue
	withValue
)

// The bytes of a token are a checksum, the list, the way the place is said, how
// many to skip, and the value.
const tokenHead = 4 + 8 + 1

func (t token) String() string {
	how := byte(unordered)
	switch {
	case t.missing:
		how = missingValue
	case t.ordered:
		how = withValue
	}
	b := make([]byte, 4, tokenHead+binary.MaxVarintLen64+len(t.value))
	b = append(binary.BigEndian.AppendUint64(b, t.list), how)
	b = append(binary.AppendUvarint(b, t.skip), t.value...)
	return seal(b)
}

// seal puts the checksum at the begin: a client that cuts or mends a token is
// to hear of it, and not to read on from somewhere else.
func seal(b []byte) string {
	binary.BigEndian.PutUint32(b, crc32.ChecksumIEEE(b[4:]))
	return tokens.EncodeToString(b)
}

var errToken = errors.New("is not one that this API gave")

func parseToken(s string) (token, error) {
	b, err := tokens.DecodeString(s)
	if err != nil || len(b) < tokenHead || crc32.ChecksumIEEE(b[4:]) != binary.BigEndian.Uint32(b) {
		return token{}, errToken
	}
	t := token{list: binary.BigEndian.Uint64(b[4:])}
	how, rest := b[tokenHead-1], b[tokenHead:]
	skip, n := binary.Uvarint(rest)
	if n <= 0 || skip > math.MaxInt32 || how > withValue {
		return token{}, errToken
	}
	t.skip, t.value = skip, string(rest[n:])
	t.ordered, t.missing = how != unordered, how == missingValue
	if how != withValue && t.value != "" || t.String() != s { // a number that is longer than it has to be
		return token{}, errToken
	}
	return t, nil
}
