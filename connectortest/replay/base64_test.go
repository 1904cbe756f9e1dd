package replay_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/connectortest/replay"
	"github.com/penstock-sdk/penstock/internal/secretspelling"
)

// broken returns a text in lines of a number of characters.
func broken(text string, width int, lineBreak string) string {
	var b strings.Builder
	for ; len(text) > width; text = text[width:] {
		b.WriteString(text[:width] + lineBreak)
	}
	return b.String() + text
}

// The base64 of a line decodes to a part of the secret. If that part is replaced alone, the
// other lines keep the rest.
func TestBase64WithLineBreaksOfAnyKindIsMasked(t *testing.T) {
	const form = "application/x-www-form-urlencoded"
	for _, secret := range []string{"p@ssw0rd-9aF3kQ7xZp2LmT8vRw4Y-abcdefghij", "correct zebra battery staple 9aF3kQ7xZp2L"} {
		finder := secretspelling.NewFinder()
		finder.Add("the secret", secret)
		for i, lineBreak := range []string{
			"\n", "\r\n", "\r", "\n    ", "\r\n ", "\n\t", "\n\n", " ", "\u2028", "\u200b", `\n`, `\r\n`, `\\n`, `\n    `, `\u000a`, `\u000D\u000A`, `\x0a`,
			`\015\012`, "&#10;", "&#xD;\n", "&#xd;&#xa;    ", "&NewLine;", "&amp;#10;", "%0D%0A", "%0a", "%250A", "%0A%20%20", "%5Cn", "=\r\n",
		} {
			var text, json, query, unescaped, path []string
			for j, width := range []int{1, 4, 16, 60, 64, 76} {
				lines := broken(encoded(strings.Repeat("x", 40+(i+j)%3)+secret+strings.Repeat("y", 60)), width, lineBreak)
				text = append(text, "<a>"+lines+"</a>")
				json = append(json, quoted(lines))
				query = append(query, "a="+url.QueryEscape(lines))
				unescaped = append(unescaped, "a="+lines)
				path = append(path, url.PathEscape(lines))
			}
			list := "[" + strings.Join(json, ",") + "]"
			for place, ask := range map[string]func(n http.RoundTripper){
				"text and a query": func(n http.RoundTripper) {
					do(t, n, "POST", "https://h/?"+strings.Join(query, "&"), strings.Join(text, ""), "Content-Type", "text/xml")
				},
				"JSON and a path": func(n http.RoundTripper) {
					do(t, n, "POST", "https://h/"+strings.Join(path, "/x/"), list, "X-Data", text[2])
				},
				"a form": func(n http.RoundTripper) {
					do(t, n, "POST", "https://h/", strings.Join(query, "&"), "Content-Type", form)
				},
				"a malformed form": func(n http.RoundTripper) {
					do(t, n, "POST", "https://h/", strings.Join(unescaped, "&"), "Content-Type", form)
				},
			} {
				body := strings.Join(text, "")
				if place == "JSON and a path" {
					body = list
				}
				_, file := exchanges(t, answer(body, "X-Data", text[3]), ask, replay.Scrub(secret))
				assert.Empty(t, finder.Find(strings.ReplaceAll(file, "[redacted]", "\x00")), "%s, %q", place, lineBreak)
			}
		}
	}
}

func TestASecretWhoseBase64IsDividedByThePathIsMasked(t *testing.T) {
	const secret = "p?>w?r?-9aF3kQ7?>p2LmT8?Rw4Y-abc??>"
	finder := secretspelling.NewFinder()
	finder.Add("the secret", secret)
	_, file := exchanges(t, answer("ok"), func(n http.RoundTripper) { do(t, n, "GET", "https://h/a/"+encoded(secret)+"/b", "") }, replay.Scrub(secret))
	assert.Contains(t, encoded(secret), "/")
	assert.Empty(t, finder.Find(file))
}

func TestBase64NextToOtherWordsCanStillBeDecoded(t *testing.T) {
	const secret = "p@ssw0rd-9aF3kQ7xZp2LmT8vRw4Y"
	_, file := exchanges(t, answer("the header is\n    Basic "+encoded("reader:"+secret)+"\nof the user with the password "+secret),
		func(n http.RoundTripper) { do(t, n, "GET", "https://h/", "") }, replay.Scrub(secret))
	assert.Contains(t, file, "Basic "+encoded("reader:[redacted]"))
}
