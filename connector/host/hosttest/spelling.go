package hosttest

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"unicode/utf16"
)

// A spelling is a form in which a secret may leak.
type spelling struct{ name, text string }

// spellings returns the forms in which connectors put a secret into text.
func spellings(s string) []spelling {
	quoted := quote(s)
	var plain bytes.Buffer
	enc := json.NewEncoder(&plain)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // it cannot fail for a string
	hexed := hex.EncodeToString([]byte(s))
	return []spelling{
		{"plain text", s},
		{"JSON", plain.String()[1 : plain.Len()-2]},
		{"JSON for HTML", quoted[1 : len(quoted)-1]},
		{"JSON in ASCII", inASCII(plain.String()[1 : plain.Len()-2])},
		{"Go", strings.Trim(fmt.Sprintf("%q", s), `"`)},
		{"Go in ASCII", strings.Trim(fmt.Sprintf("%+q", s), `"`)},
		{"HTML", html.EscapeString(s)},
		{"a query", url.QueryEscape(s)},
		{"a path", url.PathEscape(s)},
		{"base64", base64.StdEncoding.EncodeToString([]byte(s))},
		{"basic authentication", base64.StdEncoding.EncodeToString([]byte("user:" + s))},
		{"base64 for URLs", base64.RawURLEncoding.EncodeToString([]byte("name:" + s + ":x"))},
		{"hex", hexed},
		{"upper-case hex", strings.ToUpper(hexed)},
	}
}

// inASCII escapes the non-ASCII characters of a JSON string, as many encoders do.
func inASCII(s string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(s)) {
		if unit < 0x80 {
			b.WriteByte(byte(unit))
		} else {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}

// quote returns a JSON string.
func quote(s string) string {
	quoted, _ := json.Marshal(s) // it cannot fail for a string
	return string(quoted)
}
