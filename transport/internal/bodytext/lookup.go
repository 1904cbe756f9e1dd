package bodytext

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"github.com/penstock-sdk/penstock/internal/shorten"
)

// A coding is the encoding of a text.
type coding int

const (
	undeclared  coding = iota // UTF-8, unless the text looks like UTF-16
	utf8Coding                // UTF-8
	utf16Coding               // UTF-16 whose byte order is found in the text
	asciiCoding               // UTF-8 if the text is valid UTF-8, otherwise windows-1252
	otherCoding               // the encoding that is returned beside it
)

// maxName is more than the length of the name of a charset.
const maxName = 100

// errUnknown reports the name of a charset that is not known.
var errUnknown = errors.New("unknown charset")

// Check returns an error if a name is not the name of a charset.
func Check(name string) error {
	_, _, err := lookup(name)
	return err
}

// lookup returns the coding of a name. The encoding is nil unless the coding is
// otherCoding.
func lookup(name string) (coding, encoding.Encoding, error) {
	switch name { // the usual ones
	case "":
		return undeclared, nil, nil
	case "utf-8", "UTF-8":
		return utf8Coding, nil, nil
	}
	if len(name) > maxName {
		return undeclared, nil, fmt.Errorf("%w %s", errUnknown, shorten.Quote(name, 40))
	}
	label := strings.ToLower(strings.Trim(name, " \t\r\n\"',;"))
	bare := separators.Replace(label)
	switch bare {
	case "", "binary", "none":
		return undeclared, nil, nil
	case "utf8", "utf8mb3", "utf8mb4", "utf8sig", "utf8bom", "al32utf8", "cp65001", "unicode11utf8", "unicode20utf8", "xunicode20utf8":
		return utf8Coding, nil, nil
	case "utf16", "unicode":
		return utf16Coding, nil, nil
	case "ascii", "usascii", "ansix341968", "iso646us", "iso646irv", "cp367", "ibm367":
		return asciiCoding, nil, nil
	}
	for _, l := range []string{label, strings.ReplaceAll(label, "_", "-"), bare} {
		if enc, err := htmlindex.Get(l); err == nil && enc != encoding.Replacement {
			return otherCoding, enc, nil
		}
	}
	if enc := alias(bare); enc != nil {
		return otherCoding, enc, nil
	}
	if enc := alias(strings.TrimPrefix(bare, "x")); enc != nil { // as Java writes x-windows-949
		return otherCoding, enc, nil
	}
	return undeclared, nil, fmt.Errorf("%w %s", errUnknown, shorten.Quote(name, 40))
}

// alias returns the encoding of a name that is not a label of the WHATWG Encoding
// Standard, in lower case and without separators, or nil.
func alias(bare string) encoding.Encoding {
	if enc := aliases[bare]; enc != nil {
		return enc
	}
	for _, prefix := range []string{"windows", "win", "cp", "ms"} {
		if page, ok := strings.CutPrefix(bare, prefix); ok {
			if enc, err := htmlindex.Get("windows-" + page); err == nil {
				return enc
			}
		}
	}
	return nil
}

// separators removes the characters in which the spellings of a name differ.
var separators = strings.NewReplacer("-", "", "_", "", " ", "", ".", "")

// isLatin1 reports whether servers declare an encoding by default, without regard to
// the text.
func isLatin1(c coding, enc encoding.Encoding) bool {
	return c == asciiCoding || enc == charmap.Windows1252
}

// aliases are names that programming languages, databases and the IANA registry use
// and that are not labels of the WHATWG Encoding Standard. They are in lower case and
// without separators.
var aliases = map[string]encoding.Encoding{
	"88591": charmap.Windows1252, "iso885911987": charmap.Windows1252,
	"latin2": charmap.ISO8859_2, "latin9": charmap.ISO8859_15, "iso885915": charmap.ISO8859_15, "latin10": charmap.ISO8859_16,
	"we8iso8859p1": charmap.Windows1252, "we8mswin1252": charmap.Windows1252, "we8iso8859p15": charmap.ISO8859_15,
	"macroman": charmap.Macintosh, "maccyrillic": charmap.MacintoshCyrillic,
	"koi8r": charmap.KOI8R, "koi8u": charmap.KOI8U,
	"tis620": charmap.Windows874,
	"sjis":   japanese.ShiftJIS, "shiftjis": japanese.ShiftJIS, "cp932": japanese.ShiftJIS, "ms932": japanese.ShiftJIS,
	"windows932": japanese.ShiftJIS, "windows31j": japanese.ShiftJIS, "cswindows31j": japanese.ShiftJIS,
	"eucjp": japanese.EUCJP, "ujis": japanese.EUCJP, "iso2022jp": japanese.ISO2022JP,
	"euckr": korean.EUCKR, "uhc": korean.EUCKR, "cp949": korean.EUCKR, "ms949": korean.EUCKR, "windows949": korean.EUCKR,
	"euccn": simplifiedchinese.GBK, "cp936": simplifiedchinese.GBK, "ms936": simplifiedchinese.GBK, "windows936": simplifiedchinese.GBK,
	"hz": simplifiedchinese.HZGB2312, "hzgb2312": simplifiedchinese.HZGB2312,
	"big5hkscs": traditionalchinese.Big5, "cp950": traditionalchinese.Big5, "ms950": traditionalchinese.Big5, "windows950": traditionalchinese.Big5,
	"utf16le": utf16LE, "ucs2": utf16LE, "utf16be": utf16BE,
}

func init() {
	// The code pages of DOS and of mainframes.
	for page, enc := range map[string]encoding.Encoding{
		"037": charmap.CodePage037, "437": charmap.CodePage437, "850": charmap.CodePage850, "852": charmap.CodePage852,
		"855": charmap.CodePage855, "858": charmap.CodePage858, "00858": charmap.CodePage858, "860": charmap.CodePage860,
		"862": charmap.CodePage862, "863": charmap.CodePage863, "865": charmap.CodePage865, "1047": charmap.CodePage1047,
		"1140": charmap.CodePage1140, "01140": charmap.CodePage1140,
	} {
		aliases["cp"+page], aliases["ibm"+page] = enc, enc
	}
}
