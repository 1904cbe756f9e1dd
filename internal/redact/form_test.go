package redact_test

import (
	"bytes"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html"
	"mime/quotedprintable"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/redact"
)

func csvRecord(t *testing.T, s string) string {
	t.Helper()
	var b strings.Builder
	w := csv.NewWriter(&b)
	require.NoError(t, w.Write([]string{s, "a,b"}))
	w.Flush()
	return b.String()
}

func printable(t *testing.T, s string) string {
	t.Helper()
	var b bytes.Buffer
	w := quotedprintable.NewWriter(&b)
	_, err := w.Write([]byte(s))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}

func latin1(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		b.WriteRune(rune(c))
	}
	return b.String()
}

func TestASecretIsFoundInFormatsThatDoNotEscapeWithABackslash(t *testing.T) {
	const secret = `it's=a "pä'ss" w/<7>`
	set := redact.New([]string{secret})
	numbers, err := json.Marshal([]int{'i', 't', '\'', 's', '=', 'a', ' ', '"', 'p', 0xc3, 0xa4, '\'', 's', 's', '"', ' ', 'w', '/', '<', '7', '>'})
	require.NoError(t, err)
	for name, text := range map[string]string{
		"SQL":                       "'" + strings.ReplaceAll(secret, "'", "''") + "'",
		"CSV":                       csvRecord(t, secret),
		"a shell":                   "'" + strings.ReplaceAll(secret, "'", `'\''`) + "'",
		"a shell with two quotes":   "'" + strings.ReplaceAll(secret, "'", `'"'"'`) + "'",
		"quoted-printable":          printable(t, secret),
		"UTF-8 read as Latin-1":     latin1(secret),
		"escape of JavaScript":      strings.NewReplacer(" ", "%20", "ä", "%u00E4", `"`, "%22").Replace(secret),
		"a slice of bytes in Go":    fmt.Sprintf("%#v", []byte(secret)),
		"bytes with a prefix":       fmt.Sprintf("%# x", secret),
		"an array of JSON":          string(numbers),
		"base64 of HTML":            base64.StdEncoding.EncodeToString([]byte("<b>" + html.EscapeString(secret) + "</b>")),
		"base64 of a path":          base64.StdEncoding.EncodeToString([]byte("/a/" + url.PathEscape(secret) + "/b")),
		"a struct with bytes in Go": fmt.Sprintf("%#v", struct{ B []byte }{[]byte(secret)}),
	} {
		t.Run(name, func(t *testing.T) {
			masked := set.Text("the source refused " + text + " of this shop")
			assert.Contains(t, masked, redact.Mask)
			rest := strings.ReplaceAll(masked, redact.Mask, "")
			for _, part := range []string{"it'", "ss", "w/", "0x69", "105", "=61", "PGI"} {
				assert.NotContains(t, strings.TrimPrefix(rest, "the source refused"), part)
			}
			if strings.HasPrefix(text, "0x") || strings.Contains(text, "{0x") {
				return // text for people only
			}
			data, err := json.Marshal(map[string]string{"a": text})
			require.NoError(t, err)
			assert.True(t, set.InData(data), "%s", data)
		})
	}
}

func TestASecretThatAnotherProgramEscapedIsFoundInBase64(t *testing.T) {
	const secret = `Schlüßel'(😀)*!~/a?"b" <c>&d`
	set := redact.New([]string{secret})
	component := strings.NewReplacer("+", "%20", "%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*").Replace(url.QueryEscape(secret))
	marks := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(secret)
	ascii := `Schl\u00fc\u00dfel'(\ud83d\ude00)*!~/a?\"b\" <c>&d`
	quotes := func(mark, quote string) string {
		return strings.NewReplacer(`"`, mark, "'", quote).Replace(marks)
	}
	lower := func(s string) string { return upperEscape.ReplaceAllStringFunc(s, strings.ToLower) }
	for name, text := range map[string]string{
		"JSON of Python":                ascii,
		"JSON of PHP":                   strings.ReplaceAll(ascii, "/", `\/`),
		"encodeURIComponent":            component,
		"encodeURIComponent, lower":     lower(component),
		"quote of Python":               strings.ReplaceAll(strings.ReplaceAll(url.QueryEscape(secret), "+", "%20"), "%2F", "/"),
		"quote of Python, lower":        lower(strings.ReplaceAll(strings.ReplaceAll(url.QueryEscape(secret), "+", "%20"), "%2F", "/")),
		"rawurlencode of PHP":           strings.ReplaceAll(url.QueryEscape(secret), "+", "%20"),
		"rawurlencode of PHP, lower":    lower(strings.ReplaceAll(url.QueryEscape(secret), "+", "%20")),
		"a query in lower case":         lower(url.QueryEscape(secret)),
		"a path in lower case":          lower(url.PathEscape(secret)),
		"HTML, text only":               marks,
		"HTML, quotes":                  quotes("&quot;", "'"),
		"HTML, apostrophes of XML":      quotes("&quot;", "&apos;"),
		"HTML, apostrophes of Python":   quotes("&quot;", "&#x27;"),
		"HTML, apostrophes of PHP":      quotes("&quot;", "&#039;"),
		"HTML, apostrophes of a number": quotes("&quot;", "&#39;"),
	} {
		for _, around := range []string{"%s", "a%s!", `{"key":"%s"}`} {
			for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawURLEncoding} {
				leak := encoding.EncodeToString([]byte(fmt.Sprintf(around, text)))
				assert.NotContains(t, set.Text("got "+leak), leak[4:len(leak)-4], name)
				data := inString(t, leak)
				assert.True(t, set.InData(data), name)
				masked, count, err := set.Data(data)
				require.NoError(t, err)
				assert.Equal(t, 1, count, "%s: %s", name, masked)
			}
		}
	}
	long := redact.New([]string{strings.Repeat("ü=", 200) + strings.Repeat("x", 2_000)})
	assert.True(t, long.InData(inString(t, base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(strings.Repeat("ü=", 200)+strings.Repeat("x", 2_000)))))))
}

func TestAPasswordThatNetURLTakesForAPortIsMasked(t *testing.T) {
	key := "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
	for _, secret := range []string{key, "postgres://app:wJalrXUtnFEMI/K7MDENG@db.example.com/shop"} {
		_, err := url.Parse("https://app:" + key + "@db.example.com")
		require.ErrorContains(t, err, "wJalrXUtnFEMI")
		masked := redact.New([]string{secret}).Text(err.Error())
		assert.NotContains(t, masked, "wJalrXUtnFEMI")
		assert.Contains(t, masked, "after host")
	}
}

func TestASecretThatIsNotUTF8IsFoundAfterARepair(t *testing.T) {
	const secret = "abcdef\xff\xfeghijkl\x80"
	set := redact.New([]string{secret})
	for _, repaired := range []string{strings.ToValidUTF8(secret, "\uFFFD"), string([]rune(secret))} {
		assert.Equal(t, "refused: [redacted]", set.Text("refused: "+repaired))
	}
}

func TestTheQuotesOfOtherTextAreNotMasked(t *testing.T) {
	set := redact.New([]string{`it's "a" secret`, "plain-secret"})
	for _, text := range []string{"INSERT INTO t VALUES ('it''s')", `a,"b""c",d`, `'it'\''s'`, "a=3D=C3=A4", `[1,2,3]`, "%u00e4"} {
		assert.Equal(t, text, set.Text(text))
	}
}
