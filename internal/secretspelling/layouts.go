package secretspelling

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// layouts holds the spellings that change the space around and within a secret.
var layouts = []Spelling{
	{Name: "white space folded", Spell: func(s string) string { return strings.Join(strings.Fields(s), " ") }},
	{Name: "white space removed", Spell: func(s string) string { return strings.Join(strings.Fields(several(s)), "") }},
	{Name: "white space trimmed", Spell: strings.TrimSpace},
	{Name: "lines indented", Spell: func(s string) string { return several(strings.ReplaceAll(s, "\n", "\n    | ")) }},
	{Name: "lines of Windows", Spell: func(s string) string { return several(strings.ReplaceAll(s, "\n", "\r\n")) }},
	{Name: "lines of Windows in JSON", Spell: func(s string) string { return several(marshaled(strings.ReplaceAll(s, "\n", "\r\n"))) }},
	{Name: "lines in another order", Spell: func(s string) string {
		all := strings.Split(s, "\n")
		return several(strings.Join(append(all[len(all)/2:], all[:len(all)/2]...), "\n"))
	}},
	{Name: "a word of a shell", Spell: func(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }},
	{Name: "a word of a shell in double quotes", Spell: func(s string) string { return `"` + special.ReplaceAllString(s, `\$0`) + `"` }},
}

var special = regexp.MustCompile("[\"$`\\\\]")

// several returns a text that has several lines, otherwise "".
func several(s string) string {
	if !strings.Contains(s, "\n") && !strings.Contains(s, `\n`) {
		return ""
	}
	return s
}

const (
	// count is a mark of a cut that few programs write.
	count = " [120 more bytes]"
	// much is the number of bytes of a secret that must not be visible anywhere.
	much = 16
)

// truncations returns the spellings whose end is missing.
func truncations() []Spelling {
	var all []Spelling
	for _, way := range []struct {
		name   string
		spell  func(string) string
		binary bool
	}{
		{"plain", func(s string) string { return s }, false},
		{"JSON", marshaled, false},
		{"a query", find(escapes, "a query"), false},
		{"HTML", find(escapes, "HTML"), false},
		{"a percent escape for every byte", percents, false},
		{"base64", std, true},
		{"hex", find(binaries, "hex"), true},
	} {
		for _, end := range []struct{ name, text string }{{"", ""}, {" and dots", "..."}, {" and an ellipsis", "…"}, {" and a count", count}} {
			if end.text != "" && way.name != "plain" && end.text != "…" {
				continue
			}
			all = append(all, Spelling{Name: way.name + ", cut" + end.name, Last: true, Binary: way.binary, Spell: func(s string) string {
				const long = 24 // bytes, of which enough are visible in every form
				if way.name != "plain" && len(s) < long {
					return ""
				}
				text := way.spell(s)
				n := max(len(text)*2/3, Visible+1)
				if end.text == count {
					n = max(n, much)
				}
				for n < len(text) && !utf8.RuneStart(text[n]) {
					n++
				}
				if n >= len(text) {
					return ""
				}
				return text[:n] + end.text
			}})
		}
	}
	return all
}
