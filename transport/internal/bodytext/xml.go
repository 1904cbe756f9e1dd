package bodytext

import (
	"bufio"
	"bytes"
	"regexp"
	"strings"
)

// maxXMLDeclaration is more than the length of an XML declaration.
const maxXMLDeclaration = 512

var xmlEncoding = regexp.MustCompile(`^<\?xml[ \t\r\n][^>]*?\bencoding[ \t\r\n]*=[ \t\r\n]*["']([^"'>]*)["']`)

// declaredEncoding returns the encoding that an XML declaration names.
func declaredEncoding(declaration []byte) string {
	found := xmlEncoding.FindSubmatch(declaration)
	if found == nil {
		return ""
	}
	name := string(found[1])
	if strings.HasPrefix(strings.ToLower(name), "utf-16") {
		return "" // the declaration itself is not in UTF-16
	}
	return name
}

// OfXML returns the charset that the XML declaration at the beginning of a text names,
// or "". It reads nothing from r.
func OfXML(r *bufio.Reader) string {
	n := 1
	if head, _ := r.Peek(1); len(head) == 1 && head[0] == 0xef {
		n = 4 // a byte order mark comes first
	}
	for n <= maxXMLDeclaration {
		head, err := r.Peek(n)
		head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
		// Whether a declaration follows is known as soon as the beginning differs.
		if opening := "<?xml"; !bytes.HasPrefix(head, []byte(opening[:min(len(opening), len(head))])) {
			return ""
		}
		if err != nil || bytes.IndexByte(head, '>') >= 0 {
			return declaredEncoding(head)
		}
		n = max(n+1, min(r.Buffered(), maxXMLDeclaration))
	}
	return ""
}
