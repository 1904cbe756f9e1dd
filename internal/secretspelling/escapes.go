package secretspelling

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"mime/quotedprintable"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// escapes holds the spellings that escape characters.
var escapes = []Spelling{
	{Name: "plain", Spell: func(s string) string { return s }},
	{Name: "JSON of Go", Spell: marshaled},
	{Name: "JSON without HTML escapes", Spell: minimal},
	{Name: "JSON of PHP", Spell: func(s string) string { return strings.ReplaceAll(inASCII(minimal(s)), "/", `\/`) }},
	{Name: "JSON of Python", Spell: func(s string) string { return inASCII(minimal(s)) }},
	{Name: "JSON with every character escaped", Spell: func(s string) string { return everyUnit(s, `\u%04x`) }},
	{Name: "JSON with every character escaped in upper case", Spell: func(s string) string { return everyUnit(s, `\u%04X`) }},
	{Name: "a string of Go", Spell: func(s string) string { return inside(strconv.Quote(s)) }},
	{Name: "a string of Go in ASCII", Spell: func(s string) string { return inside(strconv.QuoteToASCII(s)) }},
	{Name: "a string of Python", Spell: python},
	{Name: "bytes of Python", Spell: pythonBytes},
	{Name: "a query", Spell: url.QueryEscape},
	{Name: "a query in lower case", Spell: func(s string) string { return lowerEscapes(url.QueryEscape(s)) }},
	{Name: "a query with %20 for a space", Spell: func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }},
	{Name: "a path", Spell: url.PathEscape},
	{Name: "a percent escape for every byte", Spell: percents},
	{Name: "a lower-case percent escape for every byte", Spell: func(s string) string { return strings.ToLower(percents(s)) }},
	{Name: "HTML", Spell: html.EscapeString},
	{Name: "HTML with named entities", Spell: htmlNames.Replace},
	{Name: "HTML with decimal entities", Spell: func(s string) string { return entities(s, "&#%d;") }},
	{Name: "HTML with hexadecimal entities", Spell: func(s string) string { return entities(s, "&#x%x;") }},
	{Name: "HTML with entities for marks", Spell: func(s string) string {
		return mark.ReplaceAllStringFunc(s, func(c string) string { return entities(c, "&#x%02X;") })
	}},
	{Name: "quoted-printable", Spell: printable},
	{Name: "quoted-printable in lines", Spell: printableLines},
	{Name: "quoted-printable in lines with spaces at their ends", Spell: func(s string) string { return strings.ReplaceAll(printableLines(s), "=\r\n", "= \t\r\n") }},
	{Name: "quoted-printable in lines that became one", Spell: func(s string) string { return strings.ReplaceAll(printableLines(s), "=\r\n", "=  ") }},
	{Name: "quoted-printable in lines in a query", Spell: func(s string) string { return url.QueryEscape(printableLines(s)) }},
	{Name: "quoted-printable in lines in HTML", Spell: func(s string) string {
		return strings.NewReplacer("&", "&amp;", "\r", "&#13;", "\n", "&#10;").Replace(printableLines(s))
	}},
	{Name: "quoted-printable in lines in JSON of Java", Spell: func(s string) string { return strings.ReplaceAll(marshaled(printableLines(s)), "=", `\u003d`) }},
}

var (
	htmlNames   = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;", "+", "&plus;", "/", "&sol;", "ü", "&uuml;", "ß", "&szlig;")
	upperEscape = regexp.MustCompile(`%[0-9A-F]{2}`)
	mark        = regexp.MustCompile(`[^\w ]`)
)

// inside returns a text without the quotes around it.
func inside(quoted string) string { return quoted[1 : len(quoted)-1] }

// marshaled returns the content of a JSON string as encoding/json writes it.
func marshaled(s string) string {
	text, _ := json.Marshal(s) // a string always marshals
	return inside(string(text))
}

// minimal returns the content of a JSON string without the escapes for HTML.
func minimal(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always marshals
	return inside(strings.TrimSuffix(b.String(), "\n"))
}

// inASCII escapes the characters of a JSON string that are not ASCII.
func inASCII(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r < utf8.RuneSelf {
			b.WriteByte(byte(r))
		} else {
			b.WriteString(everyUnit(string(r), `\u%04x`))
		}
	}
	return b.String()
}

// everyUnit formats each UTF-16 unit of a text.
func everyUnit(s, format string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, format, unit)
	}
	return b.String()
}

// python returns a text as repr of Python does.
func python(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\\' || r == '\'':
			b.WriteString(`\` + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case strconv.IsPrint(r):
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// pythonBytes returns the UTF-8 bytes of a text as repr of Python does.
func pythonBytes(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if c >= utf8.RuneSelf {
			fmt.Fprintf(&b, `\x%02x`, c)
		} else {
			b.WriteString(python(string(rune(c))))
		}
	}
	return b.String()
}

// percents escapes every byte as in a URL.
func percents(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}

// printable returns a text as the body of an e-mail has it.
func printable(s string) string {
	var b strings.Builder
	w := quotedprintable.NewWriter(&b)
	_, _ = w.Write([]byte(s)) // a Builder accepts everything
	_ = w.Close()
	return b.String()
}

// printableLines returns a text as the body of an e-mail has it, with a line break within the
// text.
func printableLines(s string) string { return printable(strings.Repeat("x", 72) + s) }

// lowerEscapes writes the digits of percent escapes in lower case.
func lowerEscapes(s string) string { return upperEscape.ReplaceAllStringFunc(s, strings.ToLower) }

// entities formats each character of a text.
func entities(s, format string) string {
	var b strings.Builder
	for _, r := range s {
		fmt.Fprintf(&b, format, r)
	}
	return b.String()
}
