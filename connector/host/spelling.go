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

	"github.com/go-json-experiment/json/jsontext"
)

// encodings returns the secret as it may turn up in text.
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
	// Within other text, as in the user:password of basic authentication,
	// base64 gives one of three forms, of which the middle is always the same.
	for shift := range 3 {
		padded := append(make([]byte, shift), s...)
		usable := len(padded) - len(padded)%3
		first := (shift*8 + 5) / 6 // characters that depend on what stands before
		for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			if text := enc.EncodeToString(padded[:usable])[first:]; len(text) >= rowSecret {
				found = append(found, text)
			}
		}
	}
	return found
}

// quotedInside returns the secret as it stands inside a JSON string.
func quotedInside(s string) string {
	quoted, err := jsontext.AppendQuote(nil, s)
	if err != nil {
		quoted, _ = jsontext.AppendQuote(nil, strings.ToValidUTF8(s, "\uFFFD"))
	}
	return string(quoted[1 : len(quoted)-1])
}

// jsonSpellings returns the secret as encoders spell it inside a JSON string: with
// as few escapes as there can be, and with those for HTML, for ASCII, and of
// slashes. For most secrets they are one.
func jsonSpellings(s string) []string {
	marshalled, _ := json.Marshal(s) // of a string, which never fails
	var all []string
	for _, quoted := range []string{quotedInside(s), string(marshalled[1 : len(marshalled)-1])} {
		for _, text := range []string{quoted, inASCII(quoted)} {
			all = append(all, text, strings.ReplaceAll(text, "/", `\/`))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// inASCII escapes the characters of a JSON string that are not ASCII, as the
// encoders of many languages do.
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
