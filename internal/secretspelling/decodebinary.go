package secretspelling

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"
)

// minRun is the minimum number of characters of encoded bytes. Shorter runs are words.
const minRun = 10

// unbase64 decodes the runs of base64 in both alphabets, beginning at each of four
// characters, because a run may begin within other text. A run may contain white space.
func unbase64(s string) []string {
	var all [4][]byte
	eachRun(s, &base64Classes, func(run []byte) {
		for i, c := range run {
			switch c {
			case '-':
				run[i] = '+'
			case '_':
				run[i] = '/'
			}
		}
		for skip := range all {
			part := run[skip:]
			if len(part)%4 == 1 {
				part = part[:len(part)-1]
			}
			decoded, _ := base64.RawStdEncoding.AppendDecode(all[skip], part) // it has only valid characters
			all[skip] = append(decoded, '\n')
		}
	})
	texts := make([]string, len(all))
	for i := range all {
		texts[i] = string(all[i])
	}
	return texts
}

// unhex decodes the runs of hexadecimal digits, beginning at each of two digits.
func unhex(s string) []string {
	var all [2][]byte
	eachRun(s, &hexClasses, func(run []byte) {
		for skip := range all {
			part := run[skip:]
			decoded, _ := hex.AppendDecode(all[skip], part[:len(part)-len(part)%2])
			all[skip] = append(decoded, '\n')
		}
	})
	return []string{string(all[0]), string(all[1])}
}

// undecimal decodes lists of bytes, such as fmt prints them.
func undecimal(s string) []string {
	var b []byte
	number, digits := 0, 0
	for i := range len(s) + 1 {
		switch {
		case i < len(s) && s[i] >= '0' && s[i] <= '9' && digits < 4:
			number, digits = number*10+int(s[i]-'0'), digits+1
			continue
		case digits > 0 && digits < 4 && number < 256:
			b = append(b, byte(number))
		}
		if i < len(s) && s[i] != ' ' && s[i] != ',' {
			b = append(b, '\n')
		}
		number, digits = 0, 0
	}
	return []string{string(b)}
}

// A class is what a byte is to an encoding.
type class byte

const (
	other class = iota
	digit
	separator
)

var (
	base64Classes = classes("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_", " \r\n\t")
	hexClasses    = classes("0123456789abcdefABCDEF", " :-")
)

func classes(digits, separators string) (of [256]class) {
	for _, c := range []byte(digits) {
		of[c] = digit
	}
	for _, c := range []byte(separators) {
		of[c] = separator
	}
	return of
}

// eachRun calls f with each run of digits in a text that is long enough. Between the digits of
// a run, there may be separators, which it omits.
func eachRun(s string, of *[256]class, f func(run []byte)) {
	var run []byte
	for i := 0; i < len(s); {
		from := i
		for i < len(s) && of[s[i]] == digit {
			i++
		}
		run = append(run, s[from:i]...)
		for i < len(s) && of[s[i]] == separator {
			i++
		}
		if i < len(s) && of[s[i]] == digit {
			continue
		}
		if len(run) >= minRun {
			f(run)
		}
		run = run[:0]
		for i < len(s) && of[s[i]] == other {
			i++
		}
	}
}

// legible returns the stretches of a text that consist of at least [shortest] bytes of
// printable characters and white space. Other bytes are not a text.
func legible(s string) string {
	var b strings.Builder
	from := 0
	end := func(at int) {
		if at-from >= shortest {
			b.WriteString(s[from:at] + "\n")
		}
	}
	for i := 0; i < len(s); {
		if c := s[i]; c >= ' ' && c < 0x7f {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError || !unicode.IsPrint(r) && !unicode.IsSpace(r) && r != '\ufeff' {
			end(i)
			from = i + size
		}
		i += size
	}
	end(len(s))
	return b.String()
}
