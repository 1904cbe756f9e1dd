package secretspelling

import (
	"encoding/base64"
	"strings"
)

// keys returns keys and tokens of one line.
func keys(g generator) []Kind {
	segment := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	jwt := segment(`{"alg":"RS256","typ":"JWT"}`) + "." + segment(`{"sub":"`+g.text(20, digits)+`","scope":"orders:read"}`) + "." +
		base64.RawURLEncoding.EncodeToString(g.bytes(64))
	inner := g.text(20, alphanum)
	return []Kind{
		{Name: "an API key with a prefix", Value: "sk_" + "live_" + g.text(32, alphanum)},
		{Name: "a personal access token", Value: "gh" + "p_" + g.text(36, alphanum)},
		{Name: "an access key ID", Value: "AK" + "IA" + strings.ToUpper(g.text(16, digits+lower))},
		{Name: "a secret access key", Value: g.base64(30)},
		{Name: "a JWT", Value: jwt},
		{Name: "a base64 key", Value: g.base64(32)},
		{Name: "a base64 key with two pads", Value: g.base64(31)},
		{Name: "a hex key", Value: g.hex(32)},
		{Name: "a UUID", Value: g.hex(4) + "-" + g.hex(2) + "-" + g.hex(2) + "-" + g.hex(2) + "-" + g.hex(6)},
		{Name: "an OAuth client secret", Value: "GOC" + "SPX-" + g.text(28, alphanum+"_-")},
		{Name: "a refresh token", Value: "1/" + "/0g" + g.text(60, alphanum+"_-")},
		{Name: "a bot token", Value: "xo" + "xb-" + g.text(12, digits) + "-" + g.text(13, digits) + "-" + g.text(24, alphanum)},
		{Name: "a token of 4,000 bytes", Value: g.text(4000, alphanum+"+/=.-_")},
		{Name: "digits", Value: g.text(16, digits)},
		{Name: "a cookie", Value: "session=s%3A" + g.text(24, alphanum) + "." + g.base64(18) + "; Path=/"},
		{Name: "a user name and a password", Value: "reader:" + inner[:16], Parts: []string{inner[:16]}},
		{Name: "a key that contains another", Value: "team-" + inner + "-" + g.text(12, alphanum), Other: inner},
		{Name: "a key that is the start of another", Value: inner[:14], Other: inner[:14] + g.text(10, alphanum)},
	}
}
