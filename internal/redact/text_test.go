package redact_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"mime/quotedprintable"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/redact"
)

const marks = `pä"s\w/rd<&>+ %7!é😀'`

// apiKey is the secret of many tests.
const apiKey = "sk_" + "live_9aF3kQ7xZp2LmT8vRw4Y"

var upperEscape = regexp.MustCompile(`%[0-9A-F]{2}`)

func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // cannot happen for a string
	}
	return string(b[1 : len(b)-1])
}

func each(s, format string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, format, s[i])
	}
	return b.String()
}

// spelled returns a secret in the spellings that differ in kind.
func spelled(s string) map[string]string {
	ascii := strconv.QuoteToASCII(s)
	query := url.QueryEscape(s)
	return map[string]string{
		"plain":                      s,
		"JSON":                       quoted(s),
		"JSON with escaped slashes":  strings.ReplaceAll(quoted(s), "/", `\/`),
		"JSON in JSON":               quoted(quoted(s)),
		"JSON in JSON in JSON":       quoted(quoted(quoted(s))),
		"Go in ASCII":                ascii[1 : len(ascii)-1],
		"query":                      query,
		"query in lower case":        upperEscape.ReplaceAllStringFunc(query, strings.ToLower),
		"query twice":                url.QueryEscape(query),
		"path":                       url.PathEscape(s),
		"every byte for a URL":       each(s, "%%%02x"),
		"every byte for Python":      each(s, `\x%02x`),
		"every byte in octal":        each(s, `\%03o`),
		"HTML":                       html.EscapeString(s),
		"HTML twice":                 html.EscapeString(html.EscapeString(s)),
		"JSON in a URL":              url.QueryEscape(quoted(s)),
		"a URL in JSON in HTML":      html.EscapeString(quoted(url.QueryEscape(s))),
		"hex":                        hex.EncodeToString([]byte(s)),
		"upper-case hex":             strings.ToUpper(hex.EncodeToString([]byte(s))),
		"hex with spaces":            fmt.Sprintf("% x", s),
		"hex with colons":            strings.ReplaceAll(fmt.Sprintf("% x", s), " ", ":"),
		"hex with dashes":            strings.ReplaceAll(fmt.Sprintf("% X", s), " ", "-"),
		"decimal bytes":              fmt.Sprintf("%d", []byte(s)),
		"base64":                     base64.StdEncoding.EncodeToString([]byte(s)),
		"base64 for URLs":            base64.URLEncoding.EncodeToString([]byte(s)),
		"base64 at the offset 1":     base64.StdEncoding.EncodeToString([]byte("u" + s + "x")),
		"base64 at the offset 2":     base64.RawURLEncoding.EncodeToString([]byte("u:" + s)),
		"base64 of JSON":             base64.StdEncoding.EncodeToString([]byte(`{"key":"` + quoted(s) + `"}`)),
		"base64 of short JSON":       base64.StdEncoding.EncodeToString([]byte(`{"key":"` + minimal(s) + `"}`)),
		"base64 of JSON with \\/":    base64.StdEncoding.EncodeToString([]byte(`{"key":"` + strings.ReplaceAll(minimal(s), "/", `\/`) + `"}`)),
		"JSON in ASCII":              inASCII(s),
		"base64 of a query":          base64.StdEncoding.EncodeToString([]byte("key=" + query)),
		"base64 in a query":          url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(s))),
		"base64 with escaped slash":  strings.ReplaceAll(base64.StdEncoding.EncodeToString([]byte(s)), "/", `\/`),
		"base64 with line breaks":    base64.StdEncoding.EncodeToString([]byte(s))[:16] + "\r\n" + base64.StdEncoding.EncodeToString([]byte(s))[16:],
		"with white space changed":   strings.ReplaceAll(s, " ", " \n\t "),
		"HTML entities, decimal":     entities(s, "&#%d;"),
		"HTML entities, hexadecimal": entities(s, "&#x%X;"),
		"JavaScript code points":     entities(s, `\u{%x}`),
	}
}

// inString returns a text in an array of JSON.
func inString(t *testing.T, text string) []byte {
	t.Helper()
	data, err := json.Marshal([]string{text})
	require.NoError(t, err)
	return data
}

// minimal returns a secret in JSON without the escapes for HTML.
func minimal(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		panic(err) // cannot happen for a string
	}
	return strings.TrimSuffix(strings.Trim(b.String(), "\n")[1:], `"`)
}

// inASCII returns a secret in JSON with an escape for each unit of UTF-16.
func inASCII(s string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, `\u%04x`, unit)
	}
	return b.String()
}

func entities(s, format string) string {
	var b strings.Builder
	for _, r := range s {
		fmt.Fprintf(&b, format, r)
	}
	return b.String()
}

func TestASecretIsMaskedInTextInEverySpelling(t *testing.T) {
	for _, secret := range []string{marks, "zQ7xK2Lm9Vt4RsW", "Zm9v+YmFy/YmF6cXV4cXV1eA==", `a\new\table\x41%41&amp;b`, "line one\n\tline two"} {
		set := redact.New([]string{"another-secret", secret})
		for name, text := range spelled(secret) {
			t.Run(secret+" as "+name, func(t *testing.T) {
				assert.Equal(t, "the key, [redacted], is not valid", strings.ReplaceAll(set.Text("the key, "+text+", is not valid"), "[[redacted]]", redact.Mask))
				m, found := set.Find("the key, " + text)
				require.True(t, found)
				assert.Equal(t, 1, m.Secret)
			})
		}
	}
}

func TestASecretIsMaskedInDataInEverySpellingThatIsNotForPeople(t *testing.T) {
	set := redact.New([]string{marks})
	for name, text := range spelled(marks) {
		t.Run(name, func(t *testing.T) {
			inner, err := json.Marshal(text)
			require.NoError(t, err)
			data := []byte(`{"a":[` + string(inner) + `],` + string(inner) + `:1}`)
			require.True(t, set.InData(data))
			masked, count, err := set.Data(data)
			require.NoError(t, err)
			assert.Equal(t, 2, count)
			assert.Equal(t, `{"a":["[redacted]"],"[redacted]":1}`, strings.ReplaceAll(string(masked), "[[redacted]]", redact.Mask))
		})
	}
}

func TestCharactersThatProgramsInsertDoNotHideASecret(t *testing.T) {
	for _, inserted := range []string{"\u200b", "\u00a0", "\u00ad", "\x00", "\r\n ", `\n`, "&#0;", "&nbsp;"} {
		assert.Equal(t, "key [redacted]!", redact.New([]string{"zQ7xK2Lm9Vt4RsW"}).Text("key zQ7xK2"+inserted+"Lm9Vt4RsW!"))
	}
}

func TestOrdinaryTextThatSharesWordsWithASecretIsNotChanged(t *testing.T) {
	const text = "a horse battery stable that is not correct"
	assert.Equal(t, text, redact.New([]string{"correct horse battery staple"}).Text(text))
}

func TestOnlyLongPartsAreMaskedInATextThatWasNotTruncated(t *testing.T) {
	set := redact.New([]string{"sk-A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6"})
	assert.Equal(t, "/keys/sk-A1b2C3", set.Uncut("/keys/sk-A1b2C3"))
	assert.Equal(t, "/keys/[redacted]", set.Uncut("/keys/sk-A1b2C3d4E5f6G"))
	assert.Equal(t, "/keys/[redacted]/b", set.Uncut("/keys/sk-A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6/b"))
}

func TestPartsAreNotMaskedInData(t *testing.T) {
	const row = `{"a":"x d4E5f6G7h8I9j0K1l2M3n4O y","b":"secret7","hex of secret7":"73656372657437"}`
	masked, count, err := redact.New([]string{"sk-A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6", "secret7"}).Data([]byte(row))
	require.NoError(t, err)
	assert.Zero(t, count)
	assert.Equal(t, row, string(masked))
}

func TestASecretThatIsNotUTF8IsMasked(t *testing.T) {
	set := redact.New([]string{"\xb1\xff0000!0123"})
	assert.Equal(t, "key [redacted] x", set.Text("key \xb1\xff0000!0123 x"))
	masked, count, err := set.Data([]byte(`{"a":"x \ufffd\ufffd0000!0123 y"}`)) // as encoders of JSON write it
	require.NoError(t, err)
	assert.Equal(t, 1, count)
	assert.Equal(t, `{"a":"x [redacted] y"}`, string(masked))
	masked, _, err = redact.New([]string{"\xb10000!0123"}).Data([]byte("\"\xcb\xb10000!0123\"")) // it starts within a character
	require.NoError(t, err)
	assert.Equal(t, "\"\uFFFD[redacted]\"", string(masked))
}

func TestAMatchSaysHowTheSecretIsWritten(t *testing.T) {
	const secret = "a b/0123456789"
	set := redact.New([]string{"another-secret", secret})
	for text, form := range map[string]string{
		secret:                             "in plain text",
		"a b/0123456…":                     "in part",
		`a b\/0123456789`:                  "with escapes",
		"a%20b%2F0123456…":                 "with escapes",
		hex.EncodeToString([]byte(secret)): "in hex",
		fmt.Sprintf("%d", []byte(secret)):  "in decimal bytes",
		base64.StdEncoding.EncodeToString([]byte(secret)): "in base64",
	} {
		m, found := set.Find("the key is " + text)
		assert.True(t, found, text)
		assert.Equal(t, 1, m.Secret)
		assert.Equal(t, form, m.Form, text)
	}
}

func TestAPasswordOfFewCharactersBesidesSpacesAndPlusSignsIsFound(t *testing.T) {
	for _, secret := range []string{`q&<PUY/+`, "a b+c d&"} {
		set := redact.New([]string{secret})
		for name, text := range map[string]string{
			"plain": secret, "JSON": quoted(secret), "JSON in JSON": quoted(quoted(secret)), "query": url.QueryEscape(secret),
			"query twice": url.QueryEscape(url.QueryEscape(secret)), "HTML": html.EscapeString(secret),
		} {
			assert.Equal(t, "key [redacted].", set.Text("key "+text+"."), name)
			data := []byte(`["` + quoted(text) + `"]`)
			assert.True(t, set.InData(data), name)
			masked, _, err := set.Data(data)
			require.NoError(t, err)
			assert.Equal(t, `["[redacted]"]`, string(masked), name)
		}
	}
	assert.Equal(t, `a b \\ [redacted]`, redact.New([]string{`\\\\\\\\a`}).Text(`a b \\ \\\\\\\\a`), "the rest may occur by chance")
	assert.Equal(t, "abcd& PUY", redact.New([]string{"a b+c d&"}).Text("abcd& PUY"), "the rest may occur by chance")
}

func TestMoreIsHiddenOfASecretWithSpacesWhereATextWasCut(t *testing.T) {
	assert.Equal(t, "key [redacted]…", redact.New([]string{"correct horse battery"}).Text(`key correct\u0020h…`))
}

func TestAPassphraseInAQueryIsFoundInData(t *testing.T) {
	set := redact.New([]string{"correct horse battery"})
	assert.True(t, set.InData([]byte(`{"next":"/?q=correct+horse+battery"}`)))
	masked, count, err := set.Data([]byte(`{"next":"/?q=correct+horse+battery"}`))
	require.NoError(t, err)
	assert.Equal(t, 1, count)
	assert.Equal(t, `{"next":"/?q=[redacted]"}`, string(masked))
}

func TestASecretWithOtherWhiteSpaceIsFoundInData(t *testing.T) {
	for secret, changed := range map[string][]string{
		"abcd efgh ijkl mnop":   {"abcdefghijklmnop", "abcd  efgh  ijkl  mnop", "abcd\u00a0efgh\u00a0ijkl\u00a0mnop"},
		"a b c d e f g h":       {"abcdefgh", "a  b c d e f g h"},
		"k  l mnop qr":          {"k l mnop qr", "klmnopqr"},
		"line one\nline two 12": {"line one line two 12", "lineonelinetwo12", "line one    line two 12"},
		"-----BEGIN KEY-----\nAAAABBBBCCCC\nDDDDEEEE\n-----END KEY-----\n": {"-----BEGIN KEY----- AAAABBBBCCCC DDDDEEEE -----END KEY-----"},
	} {
		set := redact.New([]string{"another-secret", secret, "one more with spaces"})
		for _, text := range changed {
			data := []byte(`{"a":"x ` + text + ` y"}`)
			require.True(t, set.InData(data), text)
			masked, count, err := set.Data(data)
			require.NoError(t, err)
			assert.Equal(t, 1, count)
			assert.Equal(t, `{"a":"x [redacted] y"}`, string(masked))
		}
	}
	set := redact.New([]string{"abcd efgh ijkl mnop"})
	assert.False(t, set.InData([]byte(`{"a":"abcd efgh ijkl mno"}`)))
	assert.False(t, set.InData([]byte(`{"a":"no secret at all"}`)))
}

func TestBytesAsProgramsPrintThemAreFoundInData(t *testing.T) {
	const secret = "zQ7xK2Lm9Vt4RsW"
	set := redact.New([]string{secret})
	digits := fmt.Sprintf("% x", secret)
	for _, text := range []string{
		digits, strings.ToUpper(digits), strings.ReplaceAll(digits, " ", ":"), strings.ToUpper(strings.ReplaceAll(digits, " ", ":")),
		fmt.Sprintf("%# x", secret), fmt.Sprintf("%#v", []byte(secret)), fmt.Sprintf("%d", []byte(secret)),
		strings.ReplaceAll(fmt.Sprintf("%d", []byte(secret)), " ", ", "), strings.ReplaceAll(fmt.Sprintf("%d", []byte(secret)), " ", ","),
	} {
		assert.True(t, set.InData([]byte(`{"a":"`+text+`"}`)), text)
	}
}

func TestASecretInQuotedPrintableTextIsFoundAcrossASoftLineBreak(t *testing.T) {
	for _, secret := range []string{"sk_live_9aF3kQ7xZp2LmT8vRw4Y", "pass phrase, ü = ö 123", "MzEfYyjiWA4R4A=\nMzEfYyjiWA4R4B="} {
		set := redact.New([]string{secret})
		for _, lineEnd := range []string{"\n", "\r\n"} {
			var b strings.Builder
			w := quotedprintable.NewWriter(&b)
			_, err := w.Write([]byte(strings.Repeat("x", 65) + secret + ", is not valid"))
			require.NoError(t, err)
			require.NoError(t, w.Close())
			text := strings.ReplaceAll(b.String(), "\r\n", lineEnd)
			require.Contains(t, text, "="+lineEnd)
			assert.NotContains(t, set.Text(text), secret[:5], "%q", text)
			inner, err := json.Marshal(text)
			require.NoError(t, err)
			masked, count, err := set.Data([]byte(`{"a":` + string(inner) + `}`))
			require.NoError(t, err)
			assert.Equal(t, 1, count, "%s", masked)
			assert.True(t, set.InData([]byte(`{"a":`+string(inner)+`}`)))
			assert.NotContains(t, string(masked), secret[:5])
		}
		assert.NotContains(t, set.Text("the key is "+secret), secret[:5], "an equals sign at the end of its own line is no break")
	}
	assert.Equal(t, "the body [redacted] is on one line", redact.New([]string{"pass phrase 123"}).Text("the body pass ph=  rase 123 is on one line"))
	assert.Equal(t, "the pin [redacted] is short", redact.New([]string{"ab1cd2"}).Text("the pin ab1=\ncd2 is short"))
}

func TestASoftLineBreakIsRecognizedInEverySpelling(t *testing.T) {
	set := redact.New([]string{apiKey})
	const before, after = "the body sk_live_9aF3", "kQ7xZp2LmT8vRw4Y is"
	for _, breaks := range []string{"=\r\n", "=\n", "= \r\n", "=\t\r\n", "=  ", "= ", "=\u00a0 ", "=\v\f\n", "=\u2028", "=\r\n \t"} {
		for name, text := range map[string]string{
			"plain":           before + breaks + after,
			"JSON in JSON":    quoted(before + breaks + after),
			"JSON of Gson":    strings.ReplaceAll(quoted(before+breaks+after), "=", `\u003d`),
			"every character": before + inASCII(breaks) + after,
			"a query":         url.QueryEscape(before + breaks + after),
			"a query, twice":  url.QueryEscape(url.QueryEscape(before + breaks + after)),
			"HTML":            before + "=" + entities(breaks[1:], "&#%d;") + after,
			"HTML in JSON":    quoted(before + entities(breaks, "&#x%x;") + after),
			"a query in HTML": before + entities(url.QueryEscape(breaks), "&#%d;") + after,
		} {
			assert.NotContains(t, set.Text(text), "live", "%s of %q", name, breaks)
			data := inString(t, text)
			assert.True(t, set.InData(data), "%s of %q: %s", name, breaks, data)
			masked, count, err := set.Data(data)
			require.NoError(t, err)
			assert.Equal(t, 1, count, "%s of %q", name, breaks)
			assert.NotContains(t, string(masked), "live")
		}
	}
	// White space matters in so short a secret.
	assert.Equal(t, `the body "[redacted]" is`, redact.New([]string{"q&<PUY/+"}).Text(`the body "q&<= \t\r\nPUY/+" is`))
	// The strings of JSON can be escaped in other ways than those of encoding/json.
	for _, data := range []string{`["sk_live_9aF3\u003d\r\nkQ7xZp2LmT8vRw4Y"]`, `["sk_live_9aF3=\u000d\u000AkQ7xZp2LmT8vRw4Y"]`, `["sk_live_9aF3\u003D kQ7xZp2LmT8vRw4Y"]`} {
		assert.True(t, set.InData([]byte(data)), data)
	}
	assert.False(t, set.InData(inString(t, "sk_live_9aF3= \nkQ7xZp2LmT8vRw4")))
	assert.False(t, set.InData(inString(t, "a = b, sk_live_9aF3=kQ7xZp2LmT8vRw4Y")))
}

func TestTextWithoutASecretIsNotChanged(t *testing.T) {
	set := redact.New([]string{marks, "zQ7xK2Lm9Vt4RsW", "postgres://app:hunter2hunter2@db.example.com/shop", "abc"})
	for _, text := range []string{
		"", "the source responded with 404", "100% of a\\b\\c & d; é 😀", "zQ7xK2Lm", "postgres://other:x@db", "abcd xabc ab", "[redacted]",
		"GET https://api.example.com/a?b=c%20d&e=%zz", "\xff\xfe", "\\", "%", "&", "\\u12", "%2", "&#x;", "&#xffffffffffff;",
	} {
		assert.Equal(t, text, set.Text(text))
	}
}

func TestAPartOfASecretIsMaskedWhereATextWasCut(t *testing.T) {
	const secret = "sk-A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6"
	set := redact.New([]string{secret})
	for text, want := range map[string]string{
		"unknown key sk-A1b2C3":                                  "unknown key [redacted]",
		"unknown key sk-A1b2C3…":                                 "unknown key [redacted]…",
		"unknown key sk-A1b2C3... of shop 17 in region 9":        "unknown key [redacted]... of shop 17 in region 9",
		`{"error":"unknown key sk-A1b2C3"}`:                      `{"error":"unknown key [redacted]"}`,
		"…N3n4O5p6 M3n4O5p6 is not a valid key of this shop":     "…N3n4O5p6 M3n4O5p6 is not a valid key of this shop",
		"…2M3n4O5p6 is not a valid key of this shop":             "…[redacted] is not a valid key of this shop",
		"2M3n4O5p6 is not a valid key of this shop":              "[redacted] is not a valid key of this shop",
		"the key sk-A1b2C3********4O5p6 has no access to it":     "the key [redacted]********4O5p6 has no access to it",
		"the key d4E5f6G7h8I9j0K1l2M3 has no access to it":       "the key [redacted] has no access to it",
		"the key sk-A1b2C3 without an end has no access to this": "the key sk-A1b2C3 without an end has no access to this",
		"unknown key sk-A1b2C3… of shop 17 in region 9":          "unknown key [redacted]… of shop 17 in region 9",
		"unknown key sk-A1b2C3[redacted] of shop 17 in region 9": "unknown key [redacted][redacted] of shop 17 in region 9",
		"the last part 2M3n4O5p6 of it":                          "the last part 2M3n4O5p6 of it",
		"unknown key sk%2DA1b2C3%":                               "unknown key [redacted]%",
	} {
		assert.Equal(t, want, set.Text(text))
	}
}

func TestTheSecretPartsOfASecretAreSecret(t *testing.T) {
	const line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj"
	pem := "-----BEGIN PRIVATE KEY-----\n" + line + "\nAgEAAoIBAQC7VJTUt9Us8cKj\n-----END PRIVATE KEY-----\n"
	account := `{"type":"service_account","client_email":"a@b.example","private_key":` + strconv.Quote(pem) + `}`
	for _, c := range []struct{ name, secret, part string }{
		{"a line of a PEM block", pem, line},
		{"a PEM block on one line", pem, strings.ReplaceAll(pem, "\n", "")},
		{"a PEM block with pasted line ends", strings.ReplaceAll(pem, "\n", `\n`), line},
		{"the key of a service account", account, line},
		{"the key of a service account in base64", base64.StdEncoding.EncodeToString([]byte(account)), line},
		{"the password of a URL", "postgres://app:p%40ss%2Fword@db.example.com/shop", "p@ss/word"},
		{"the escaped password of a URL", "postgres://app:p%40ss%2Fword@db.example.com/shop", "p%40ss%2Fword"},
		{"the password of a URL, unescaped", "redis://:hunter2/@x@cache:6379", "hunter2/@x"},
		{"the password for MySQL", "app:hunter2hunter2@tcp(db:3306)/shop", "hunter2hunter2"},
		{"the password for libpq", `host=db user=app password='hunter\'2 x' dbname=shop`, "hunter'2 x"},
		{"the password for ADO", "Server=db;User Id=app;Password=hunter2;hunter3", "hunter2"},
		{"the quoted password for ADO", `Server=db;Pwd="hunter2;""x"`, `hunter2;"x`},
		{"the key of Azure", "DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=aHVudGVyMg+/==;EndpointSuffix=x", "aHVudGVyMg+/=="},
		{"the password for JDBC", "jdbc:postgresql://db/shop?user=app&password=hunter2hunter2&ssl=true", "hunter2hunter2"},
		{"the signature of a URL", "https://files.example.com/a?sv=1&sig=c2lnbmF0dXJl%2Bx", "c2lnbmF0dXJl+x"},
		{"the token after its scheme", "Bearer hunter2hunter2", "hunter2hunter2"},
		{"a shared access signature", "sv=2024-01-01&sr=b&sig=c2lnbmF0dXJl%2Bx&se=2030", "c2lnbmF0dXJl+x"},
		{"the password of a pair", "app:hunter2hunter2", "hunter2hunter2"},
		{"a pasted line end", "hunter2hunter2\n", "hunter2hunter2"},
		{"a pasted byte-order mark", "\ufeffhunter2hunter2", "hunter2hunter2"},
		{"the password of a URL with a plus sign", "amqp://app:p%40ss+wo%20rd@mq", "p@ss+wo rd"},
		{"the password of a URL with a space", "amqp://app:p%40ss+word@mq", "p@ss word"},
		{"a line of a text", "first-line-0123456789\nsecond-line-0123456789", "second-line-0123456789"},
		{"a PEM block in JSON", `{"data":` + strconv.Quote(pem) + `}`, line},
		{"a member of JSON", `{"user":"app","api_key":"hunter2hunter2"}`, "hunter2hunter2"},
		{"the short last line of a PEM block", strings.Replace(pem, "\n-----END", "\nMzEfYyjiWA4=\n-----END", 1), "MzEfYyjiWA4="},
		{"the key of a service account in base64 without pads", base64.RawStdEncoding.EncodeToString([]byte(account + " ")), line},
		{"the key of a service account in base64 for URLs", base64.URLEncoding.EncodeToString([]byte(strings.Replace(account, "a@b", "ÿ?>@b", 1))), line},
		{"the key of a service account in base64 for URLs without pads", base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(account, "a@b", "ÿ?>@b", 1))), line},
		{"the password for Oracle", "scott/tigerPass99@dbhost:1521/svc", "tigerPass99"},
		{"the quoted password for Oracle", `scott/"tiger@Pass/99"@dbhost:1521/svc`, "tiger@Pass/99"},
		{"the password for JDBC of Oracle", "jdbc:oracle:thin:scott/tigerPass99@//dbhost:1521/svc", "tigerPass99"},
		{"the password for ODBC", "Driver={ODBC Driver 18};Uid=app;Pwd={my}}Pw;12345};Server=db", "my}Pw;12345"},
		{"the password for SQL Server over JDBC", "jdbc:sqlserver://db:1433;user=app;password={my}}Pw;12345};encrypt=true", "my}Pw;12345"},
	} {
		t.Run(c.name, func(t *testing.T) {
			set := redact.New([]string{c.secret})
			assert.Equal(t, "refused: [redacted]", set.Text("refused: "+c.part))
			if len(c.part) >= 8 {
				assert.True(t, set.InData([]byte(`{"a":"`+minimal(c.part)+`"}`)))
			}
		})
	}
	assert.Equal(t, "the password [redacted] is refused", redact.New([]string{"app:hunter2x"}).Text("the password hunter2x is refused"))
	set := redact.New([]string{pem, account, "postgres://app:hunter2@db.example.com/shop"})
	for _, public := range []string{
		"service_account a@b.example", "the key must begin with -----BEGIN PRIVATE KEY-----", "postgres://", "db.example.com", "app",
		`got {"type":"service_acc`,
	} {
		assert.Equal(t, public, set.Text(public))
	}
}

func TestAShortSecretIsMaskedOnlyInTextForPeople(t *testing.T) {
	set := redact.New([]string{"k", "abc", "p&ss", "a b+c", "secret7"})
	assert.Equal(t, "[redacted] kiosk [redacted] xabc [redacted] [redacted] [redacted] [redacted] sec ret7",
		set.Text(`k kiosk abc xabc p&ss p\u0026ss a b+c a+b%2Bc sec ret7`))
	assert.Equal(t, "x[redacted]y", set.Text("xsecret7y"))
	for _, encoded := range []string{
		hex.EncodeToString([]byte("secret7")), base64.StdEncoding.EncodeToString([]byte("secret7")),
		base64.StdEncoding.EncodeToString([]byte("user:secret7")), base64.StdEncoding.EncodeToString([]byte("me:secret7,")),
	} {
		assert.Equal(t, "Basic [redacted]", set.Text("Basic "+encoded))
	}
	assert.False(t, set.InData([]byte(`{"a":"secret7","b":"p\u0026ss","c":"k"}`)))
}

func TestMaskingTwiceIsMaskingOnce(t *testing.T) {
	set := redact.New([]string{"redacted", "[redacted]", "red", "zQ7xK2Lm9Vt4RsW"})
	once := set.Text("a zQ7xK2Lm9Vt4RsW b")
	assert.Equal(t, "a [redacted] b", once)
	assert.Equal(t, once, set.Text(once))
	assert.Equal(t, "a [redacted]", redact.New([]string{"redacted]-0123456789"}).Text("a [redacted]"))
}

func TestTheNamesOfMembersStayDistinct(t *testing.T) {
	set := redact.New([]string{"first-secret", "second-secret"})
	masked, count, err := set.Data([]byte(`{"first-secret":1,"second-secret":{"first-secret":2},"n":1.50,"first-secrets":3}`))
	require.NoError(t, err)
	assert.Equal(t, 4, count)
	assert.Equal(t, `{"[redacted]":1,"[redacted] 2":{"[redacted]":2},"n":1.50,"[redacted]s":3}`, string(masked))
}

func TestASecretThatSpansSeveralStringsReplacesTheValue(t *testing.T) {
	for secret, data := range map[string]string{
		`[{"a":"abcdefgh1234"},["ijkl"]]`:   `{"a":[{"a":"abcdefgh1234"}, [ "ijkl"]]}`,
		`{"user":"svc","pin":"Q9Q9Q9Q9Q9"}`: `{"user": "svc","pin":"Q9Q9Q9Q9\u00519"}`,
		"hunter2-hunter2":                   `[{"a":[104,117,110,116,101,114,50,45,104,117,110,116,101,114,50]}]`,
	} {
		masked, count, err := redact.New([]string{secret}).Data([]byte(data))
		require.NoError(t, err)
		assert.Equal(t, 1, count)
		assert.Equal(t, `"[redacted]"`, string(masked))
	}
}

func TestTheDigitsOfANumberAreNotChanged(t *testing.T) {
	masked, count, err := redact.New([]string{"1234567890"}).Data([]byte(`{"id":1234567890}`))
	require.NoError(t, err)
	assert.Zero(t, count)
	assert.Equal(t, `{"id":1234567890}`, string(masked))
	_, _, err = redact.New([]string{"1234567890"}).Data([]byte(`{"id":`))
	require.Error(t, err)
}

func TestAnEmptySetChangesNothing(t *testing.T) {
	for _, set := range []*redact.Set{nil, redact.New(nil), redact.New([]string{""})} {
		assert.Equal(t, "text", set.Text("text"))
		assert.False(t, set.InData([]byte(`"text"`)))
		_, found := set.Find("text")
		assert.False(t, found)
	}
}

func TestASetWithOtherSecretsForgetsTheOldOnes(t *testing.T) {
	set := redact.New([]string{"first-secret", "second-secret"}).With([]string{"second-secret", "third-secret"})
	assert.Equal(t, "first-secret [redacted] [redacted]", set.Text("first-secret second-secret third-secret"))
	assert.True(t, set.Equal([]string{"second-secret", "third-secret"}))
	assert.False(t, set.Equal([]string{"second-secret"}))
}

func TestTheTimeForALongPeriodicTextIsBounded(t *testing.T) {
	set := redact.New([]string{strings.Repeat("ab", 2000) + "c"})
	assert.Equal(t, redact.Mask, set.Text(strings.Repeat("ab", 30_000)))
}

func TestTheStartOfASecretIsMaskedAtACutWhateverItsCharacters(t *testing.T) {
	for secret, cut := range map[string][]string{
		"<cred><user>svc</user><key>hunter2hunter2</key></cred>": {
			"<cred><user>svc</user><key>hun", `\u003ccred\u003e\u003cuser\u003esvc…`, "%3Ccred%3E%3Cuser...", "3c637265643e3c757365",
		},
		`{"user":"app","word":"hunter2hunter2"}`: {`{"user":"app","word":"hun`, `{\"user\":\"app\",\"wo…`},
		"zq7\tq7\tSxy82a":                        {"zq7\tq7\tSx", `zq7\tq7\tSx…`, "zq7%09q7%09Sx...", "zq7 q7 Sxy…"},
		"zq7\u2028q7aEb81c":                      {"zq7\u2028q7aE", `zq7\u2028q7aE…`},
		"zq&amp;q7&lt;a81bcd":                    {"zq&amp;q7&lt…", `zq\u0026amp;q7\u0026lt…`, "zq&amp;amp;q7&amp;lt...", "zq&amp;q7&lt%E2%80%A6", `zq&amp;q7&lt\u2026 (sic)`},
		"zq%41%2Bq7a81bcd":                       {"zq%41%2Bq", "zq%2541%252Bq…"},
		"my pass is 7 of 9 ab":                   {"my+pass+i...", "my%20pass%20i...", "my%2Bpass%2Bi..."},
		"abcdefgh12345678ijkl":                   {"abcdefgh1[truncated]", "abcdefgh1 (8 more bytes)", "abcdefgh1‥ (and more)"},
	} {
		for _, text := range cut {
			masked := redact.New([]string{secret}).Text("the source said " + text)
			assert.True(t, strings.HasPrefix(masked, "the source said [redacted]"), "%q: %s", secret, masked)
			assert.LessOrEqual(t, len(masked), len(`the source said [redacted] (8 more bytes)`), "%q: %s", secret, masked)
		}
	}
}
