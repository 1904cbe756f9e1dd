package secretspelling

import (
	"encoding/hex"
	"html"
	"net/url"
)

// nested holds the spellings within other spellings.
var nested = []Spelling{
	{Name: "JSON in JSON", Spell: func(s string) string { return marshaled(marshaled(s)) }},
	{Name: "JSON in JSON in JSON", Spell: func(s string) string { return marshaled(marshaled(marshaled(s))) }},
	{Name: "JSON of PHP in JSON", Spell: func(s string) string { return marshaled(find(escapes, "JSON of PHP")(s)) }},
	{Name: "JSON with every character escaped in JSON", Spell: func(s string) string { return marshaled(everyUnit(s, `\u%04x`)) }},
	{Name: "a query, twice", Spell: func(s string) string { return url.QueryEscape(url.QueryEscape(s)) }},
	{Name: "a query, twice, in lower case", Spell: func(s string) string { return lowerEscapes(url.QueryEscape(lowerEscapes(url.QueryEscape(s)))) }},
	{Name: "a query, three times", Spell: func(s string) string { return url.QueryEscape(url.QueryEscape(url.QueryEscape(s))) }},
	{Name: "HTML in HTML", Spell: func(s string) string { return html.EscapeString(html.EscapeString(s)) }},
	{Name: "a query in JSON", Spell: func(s string) string { return marshaled(url.QueryEscape(s)) }},
	{Name: "JSON in a query", Spell: func(s string) string { return url.QueryEscape(`{"key":"` + marshaled(s) + `"}`) }},
	{Name: "HTML in JSON", Spell: func(s string) string { return marshaled(html.EscapeString(s)) }},
	{Name: "JSON in HTML", Spell: func(s string) string { return html.EscapeString(`{"key":"` + minimal(s) + `"}`) }},
	{Name: "a query in HTML", Spell: func(s string) string { return html.EscapeString("/me?a=1&key=" + url.QueryEscape(s)) }},
	{Name: "JSON in base64", Binary: true, Spell: func(s string) string { return std(`{"key":"` + marshaled(s) + `"}`) }},
	{Name: "a query in base64", Binary: true, Spell: func(s string) string { return std("key=" + url.QueryEscape(s)) }},
	{Name: "base64 in base64", Binary: true, Twice: true, Spell: func(s string) string { return std(std(s)) }},
	{Name: "base64 in JSON of PHP", Binary: true, Spell: func(s string) string { return find(escapes, "JSON of PHP")(std(s)) }},
	{Name: "base64 in hex", Binary: true, Twice: true, Spell: func(s string) string { return hex.EncodeToString([]byte(std(s))) }},
}

// find returns the function of a spelling.
func find(all []Spelling, name string) func(string) string {
	for _, one := range all {
		if one.Name == name {
			return one.Spell
		}
	}
	panic("no spelling is named " + name)
}
