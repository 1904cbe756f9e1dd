package fakeapi

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
)

// A token is the position in a list at which a page begins. In an ordered list, the
// position is relative to a value, so rows that are added or removed elsewhere do
// not move it.
type token struct {
	list uint64 // identifies the list and its filters
	skip uint64 // number of rows to skip: rows with the value if ordered, else all rows
	// value is the value of the field that orders the rows.
	value   string
	ordered bool // the list is ordered
	missing bool // the row before the page lacks the field
}

var tokens = base64.RawURLEncoding.Strict()

const (
	unordered = iota
	missingValue
	withValue
)

// The bytes of a token are a checksum (4), the list (8), the kind of position (1),
// the number of rows to skip (a varint), and the value.
const tokenHead = 4 + 8 + 1

func (t token) String() string {
	kind := byte(unordered)
	switch {
	case t.missing:
		kind = missingValue
	case t.ordered:
		kind = withValue
	}
	b := make([]byte, 4, tokenHead+binary.MaxVarintLen64+len(t.value))
	b = append(binary.BigEndian.AppendUint64(b, t.list), kind)
	b = append(binary.AppendUvarint(b, t.skip), t.value...)
	return seal(b)
}

// seal puts the checksum first, so that a token that a client has cut or altered is
// rejected and does not lead to another position.
func seal(b []byte) string {
	binary.BigEndian.PutUint32(b, crc32.ChecksumIEEE(b[4:]))
	return tokens.EncodeToString(b)
}

var errToken = errors.New("is not a page token of this API")

func parseToken(s string) (token, error) {
	b, err := tokens.DecodeString(s)
	if err != nil || len(b) < tokenHead || crc32.ChecksumIEEE(b[4:]) != binary.BigEndian.Uint32(b) {
		return token{}, errToken
	}
	t := token{list: binary.BigEndian.Uint64(b[4:])}
	kind, rest := b[tokenHead-1], b[tokenHead:]
	skip, n := binary.Uvarint(rest)
	if n <= 0 || skip > math.MaxInt32 || kind > withValue {
		return token{}, errToken
	}
	t.skip, t.value = skip, string(rest[n:])
	t.ordered, t.missing = kind != unordered, kind == missingValue
	if kind != withValue && t.value != "" || t.String() != s { // such as a varint with needless bytes
		return token{}, errToken
	}
	return t, nil
}
