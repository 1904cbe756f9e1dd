package secretspelling

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
)

// binaries holds the spellings that encode bytes.
var binaries = []Spelling{
	{Name: "base64", Binary: true, Spell: std},
	{Name: "base64 without pads", Binary: true, Spell: func(s string) string { return base64.RawStdEncoding.EncodeToString([]byte(s)) }},
	{Name: "base64 for URLs", Binary: true, Spell: func(s string) string { return base64.URLEncoding.EncodeToString([]byte(s)) }},
	{Name: "base64 for URLs without pads", Binary: true, Spell: func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }},
	{Name: "base64 after 1 byte", Binary: true, Spell: func(s string) string { return std(":" + s) }},
	{Name: "base64 after 2 bytes", Binary: true, Spell: func(s string) string { return std("u:" + s + ":x") }},
	{Name: "base64 of basic authentication", Binary: true, Spell: func(s string) string { return "Basic " + std("reader:"+s) }},
	{Name: "base64 for URLs after 4 bytes", Binary: true, Spell: func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte("key:" + s + "?")) }},
	{Name: "base64 in lines of 76", Binary: true, Spell: func(s string) string { return broken(std(s), "\r\n") }},
	{Name: "base64 in a URL", Binary: true, Spell: func(s string) string { return "https://api.example.com/" + percentMarks.Replace(std(s)) + "/me" }},
	{Name: "hex", Binary: true, Spell: func(s string) string { return hex.EncodeToString([]byte(s)) }},
	{Name: "hex in upper case", Binary: true, Spell: func(s string) string { return fmt.Sprintf("%X", s) }},
	{Name: "hex with spaces", Binary: true, Spell: func(s string) string { return fmt.Sprintf("% x", s) }},
	{Name: "hex with colons", Binary: true, Spell: func(s string) string { return strings.ReplaceAll(fmt.Sprintf("% X", s), " ", ":") }},
	{Name: "hex with dashes", Binary: true, Spell: func(s string) string { return strings.ReplaceAll(fmt.Sprintf("% X", s), " ", "-") }},
	{Name: "decimal bytes", Binary: true, Spell: func(s string) string { return fmt.Sprint([]byte(s)) }}, //nolint:staticcheck // the numbers are wanted
}

var percentMarks = strings.NewReplacer("+", "%2B", "/", "%2F", "=", "%3D")

func std(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// broken breaks a text into lines of 76 characters.
func broken(s, newline string) string {
	var b strings.Builder
	for len(s) > 76 {
		b.WriteString(s[:76] + newline)
		s = s[76:]
	}
	return b.String() + s
}
