package host

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/penstock-sdk/penstock/internal/rawjson"
)

// encodings returns the forms in which the secret s may appear in text.
func encodings(s string) []string {
	found := []string{
		s, strings.Trim(fmt.Sprintf("%q", s), `"`), strings.Trim(fmt.Sprintf("%+q", s), `"`),
		url.QueryEscape(s), url.PathEscape(s), html.EscapeString(s),
	}
	found = append(found, jsonSpellings(s)...)
	if len(s) < rowSecret {
		return found
	}
	hexed := hex.EncodeToString([]byte(s))
	found = append(found, hexed, strings.ToUpper(hexed))
	// Inside other text, such as the user:password of basic authentication, the
	// base64 form of s depends on its offset modulo 3. Only the characters in the
	// middle depend on s alone.
	for shift := range 3 {
		padded := append(make([]byte, shift), s...)
		usable := len(padded) - len(padded)%3
		first := (shift*8 + 5) / 6 // the number of characters that depend on the preceding bytes
		for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			if text := enc.EncodeToString(padded[:usable])[first:]; len(text) >= rowSecret {
				found = append(found, text)
			}
		}
	}
	return found
}

// quotedInside returns s as the content of a JSON string with minimal escapes.
func quotedInside(s string) string {
	quoted := rawjson.AppendString(nil, s)
	return string(quoted[1 : len(quoted)-1])
}

// jsonSpellings returns s as common encoders write it inside a JSON string: with
// minimal escapes, and with the escapes for HTML, for non-ASCII characters and for
// slashes. For most secrets, all spellings are the same.
func jsonSpellings(s string) []string {
	marshalled, _ := json.Marshal(s) // cannot fail for a string
	var all []string
	for _, quoted := range []string{quotedInside(s), string(marshalled[1 : len(marshalled)-1])} {
		for _, text := range []string{quoted, inASCII(quoted)} {
			all = append(all, text, strings.ReplaceAll(text, "/", `\/`))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// inASCII escapes the non-ASCII characters of a JSON string, as the encoders of
// many languages do.
func inASCII(quoted string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(quoted)) {
		if unit < utf8.RuneSelf {
			b.WriteByte(byte(unit))
		} else {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}
