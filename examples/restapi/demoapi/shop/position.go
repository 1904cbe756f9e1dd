package shop

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// A position identifies the last order of a page. The zero position precedes the first
// page.
type position struct {
	at int64 // updated_at
	id int64
}

// number returns the order's number. The order may not exist, because the token may come
// from a larger shop.
func (p position) number() int { return int(p.id - FirstOrderID) }

const tokenSize = 8 + 8 + 4

var tokens = base64.RawURLEncoding.Strict()

// token returns the page token that continues after the position. It has a checksum, so
// that a token that a client has cut or altered is an error, not another position.
func (p position) token() string {
	b := make([]byte, 0, tokenSize)
	b = binary.BigEndian.AppendUint64(b, uint64(p.at))
	b = binary.BigEndian.AppendUint64(b, uint64(p.id))
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	return tokens.EncodeToString(b)
}

func parseToken(token string) (position, error) {
	b, err := tokens.DecodeString(token)
	if err != nil || len(token) != tokens.EncodedLen(tokenSize) || crc32.ChecksumIEEE(b[:16]) != binary.BigEndian.Uint32(b[16:]) {
		return position{}, fmt.Errorf("page_token was not issued by this API: %q", token)
	}
	p := position{at: int64(binary.BigEndian.Uint64(b)), id: int64(binary.BigEndian.Uint64(b[8:]))}
	if p.at < firstUpdate || p.at >= end || p.id < FirstOrderID || p.id >= FirstOrderID+maxRows {
		return position{}, fmt.Errorf("page_token does not name a position in the orders: %q", token)
	}
	return p, nil
}
