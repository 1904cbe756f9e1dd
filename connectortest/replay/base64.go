package replay

import (
	"encoding/base64"
	"regexp"
	"strings"
)

// base64Run matches text that may be base64 in either alphabet. The shortest secret has 4
// bytes, or 6 characters of base64.
var base64Run = regexp.MustCompile(`[A-Za-z0-9+/_-]{6,}={0,2}`)

// base64Block matches text that may be base64 with line breaks, indentation and other white
// space. They may be escaped: an escape consists of these marks and of characters of base64.
var base64Block = regexp.MustCompile(`[A-Za-z0-9+/_=\\%&#;\s\pZ\pC-]+`)

// base64 replaces the secrets in base64 by decoding and encoding it. Masking the characters
// would leave text that cannot be decoded, and whose characters next to the mask depend on
// the length of the secret. It leaves base64 with line breaks or escapes to [scrubber.mask]:
// the pieces cannot be decoded one by one.
func (s *scrubber) base64(text string) string {
	return base64Block.ReplaceAllStringFunc(text, func(block string) string {
		var b strings.Builder
		done := 0
		for _, run := range base64Run.FindAllStringIndex(block, -1) {
			if isEscaped(block, run[0], run[1]) {
				continue
			}
			b.WriteString(block[done:run[0]])
			b.WriteString(s.base64Run(block[run[0]:run[1]]))
			done = run[1]
		}
		b.WriteString(block[done:])
		if clean := b.String(); clean != block && !s.spans(block, base64Run) {
			return clean
		}
		return block
	})
}

// isEscaped reports whether a run is a part of longer base64 some of whose characters are
// escaped as in a URL. Such base64 is masked as text.
func isEscaped(text string, start, end int) bool {
	if start > 0 && text[start-1] == '%' {
		return true
	}
	after := strings.ToUpper(text[end:min(len(text), end+len("%2B"))])
	return after == "%2B" || after == "%2F" || after == "%3D"
}

// base64Run replaces the secrets in a run.
func (s *scrubber) base64Run(run string) string {
	digits := strings.TrimRight(run, "=")
	encoding := base64.RawStdEncoding
	if strings.ContainsAny(digits, "-_") {
		encoding = base64.RawURLEncoding
	}
	decoded, err := encoding.DecodeString(digits)
	if err != nil {
		return run
	}
	clean := s.text(string(decoded))
	if clean == string(decoded) && (s.responses || !masked(clean)) {
		return run
	}
	encoded := encoding.EncodeToString([]byte(clean))
	padded := len(run) > len(digits) || len(digits)%4 == 0 && encoding == base64.RawStdEncoding
	if s.responses && padded { // in a request, whether base64 is padded depends on the secret
		encoded += strings.Repeat("=", (4-len(encoded)%4)%4)
	}
	return encoded
}
