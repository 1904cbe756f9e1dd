package warehouse

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/mozillazg/go-unidecode"
	"golang.org/x/text/unicode/norm"
)

// A Naming says how the names of a source become those of the warehouse.
type Naming string

const (
	// SourceNames keeps names as the source spells them.
	SourceNames Naming = "source"
	// PlatformNames gives names that every destination takes, as the platform
	// does by default: userData and user.data become user_data, address_line1
	// becomes address_line_1.
	PlatformNames Naming = "platform"
)

// ParseNaming reads the name of a naming.
func ParseNaming(text string) (Naming, error) {
	switch n := Naming(text); n {
	case SourceNames, PlatformNames:
		return n, nil
	}
	return "", fmt.Errorf("naming %q is unknown; want source or platform", text)
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

// rename spells a name by the platform's rules: ASCII letters, digits and
// underscores, lower case, words and numbers apart.
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
