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

// A spelling is a way in which a secret leaves by accident.
type spelling struct{ name, text string }

// spellings returns the ways in which connectors put a secret into a text.
func spellings(s string) []spelling {
	quoted := quote(s)
	var plain bytes.Buffer
	enc := json.NewEncoder(&plain)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // of a string, which never fails
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

// inASCII escapes the characters of a JSON string that are not ASCII, as many
// encoders do.
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

func quote(s string) string {
	quoted, _ := json.Marshal(s) // of a string, which never fails
	return string(quoted)
}
