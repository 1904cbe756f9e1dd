package warehouse

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/mozillazg/go-unidecode"
	"golang.org/x/text/unicode/norm"

	"github.com/penstock-sdk/penstock/internal/pasted"
)

// A Naming determines the names of tables and columns in the warehouse.
type Naming string

const (
	// SourceNames keeps the source's names.
	SourceNames Naming = "source"
	// PlatformNames renames tables and columns by Fivetran's default rules, so that
	// every destination accepts the names. For example, userData and user.data become
	// user_data, and address_line1 becomes address_line_1.
	PlatformNames Naming = "platform"
)

// ParseNaming returns the naming with the given name.
func ParseNaming(text string) (Naming, error) {
	switch n := Naming(text); n {
	case SourceNames, PlatformNames:
		return n, nil
	}
	return "", fmt.Errorf("unknown naming %s; want source or platform", pasted.Argument(text))
}

func (n Naming) schema(name string) string { return n.column(name) }

func (n Naming) column(name string) string {
	if n == PlatformNames {
		return rename(name)
	}
	return name
}

func (n Naming) table(name string) string {
	if n != PlatformNames {
		return name
	}
	renamed := rename(name)
	if bare := strings.TrimLeft(renamed, "_"); bare != "" && isLetter(rune(bare[0])) {
		return bare
	}
	return renamed
}

// rename applies the platform's rules to a name. The result has lower-case ASCII
// letters, digits and underscores. Underscores separate words and numbers.
func rename(name string) string {
	if strings.ContainsFunc(name, func(r rune) bool { return !isWord(r) && r != '-' && r != '.' }) {
		var plain strings.Builder
		for _, r := range norm.NFD.String(name) {
			if !unicode.Is(unicode.Mn, r) {
				plain.WriteRune(r)
			}
		}
		name = unidecode.Unidecode(plain.String())
	}
	var b strings.Builder
	last := rune(0)
	for _, r := range name {
		if !isWord(r) {
			r = '_'
		}
		apart := last != 0 && last != '_' && r != '_' &&
			(isLower(last) && isUpper(r) || isDigit(last) != isDigit(r))
		if apart {
			b.WriteByte('_')
		}
		last = r
		b.WriteRune(unicode.ToLower(r))
	}
	renamed := b.String()
	for strings.Contains(renamed, "__") {
		renamed = strings.ReplaceAll(renamed, "__", "_")
	}
	return renamed
}

func isLower(r rune) bool  { return r >= 'a' && r <= 'z' }
func isUpper(r rune) bool  { return r >= 'A' && r <= 'Z' }
func isDigit(r rune) bool  { return r >= '0' && r <= '9' }
func isLetter(r rune) bool { return isLower(r) || isUpper(r) }
func isWord(r rune) bool   { return isLetter(r) || isDigit(r) || r == '_' }
