package replay

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/penstock-sdk/penstock/internal/pasted"
	"github.com/penstock-sdk/penstock/internal/redact"
	"github.com/penstock-sdk/penstock/internal/secretspelling"
)

// leaks returns a function that returns which secret a text still contains, and in which form,
// or "". It checks a recording before it is written. It deliberately shares no code with
// package redact, which has replaced the secrets: a spelling that package redact misses would
// hide from itself.
func (s *scrubber) leaks() func(text string) string {
	finder := secretspelling.NewFinder()
	for i, value := range s.values {
		label := fmt.Sprintf("secret %d", i+1)
		finder.AddWhole(label, value)
		for _, part := range generatedParts(value) {
			finder.AddPart("a part of "+label, part)
		}
	}
	return func(text string) string { return finder.Find(strings.ReplaceAll(text, redact.Mask, "\x00")) }
}

// partSize is the number of bytes of the parts of secrets that are found. Package redact
// replaces the parts of tokens that have this size.
const partSize = 16

// generatedParts returns the parts of a secret that look like a generated key, so that they
// are not in a recording by chance. A URL, a JSON object and a connection string also contain
// generated IDs, which are not secret, so they have no such parts, nor have a certificate and
// a public key.
func generatedParts(secret string) (parts []string) {
	if strings.Contains(secret, "://") || strings.HasPrefix(secret, "{") || assignment.MatchString(secret) {
		return nil
	}
	secret = publicBlock.ReplaceAllString(secret, "")
	words := []string{secret}
	if strings.ContainsFunc(secret, unicode.IsSpace) || strings.ContainsAny(secret, ";{<@") {
		words = pasted.Keys(secret)
	}
	for _, word := range words {
		for i := range len(word) - partSize + 1 {
			if part := word[i : i+partSize]; pasted.LooksLikeKey(part) {
				parts = append(parts, part)
			}
		}
	}
	return parts
}

// assignment matches the name and the start of the value in a connection string.
var assignment = regexp.MustCompile(`[A-Za-z][ \t]*=[ \t]*[^\s=]`)

// publicBlock matches the blocks of a PEM file that are not secret.
var publicBlock = regexp.MustCompile(`(?s)-----BEGIN [A-Z0-9 ]*(?:CERTIFICATE|PUBLIC KEY)-----.*?-----END [A-Z0-9 ]*-----`)
