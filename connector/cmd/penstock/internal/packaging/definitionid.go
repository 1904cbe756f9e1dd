package packaging

import (
	"crypto/sha1" //nolint:gosec // RFC 9562 defines version 5 with SHA-1
	"fmt"
	"regexp"

	"github.com/penstock-sdk/penstock/internal/pasted"
)

// urlNamespace is the namespace of names that are URLs (RFC 9562, section 6.6).
var urlNamespace = [16]byte{0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8}

// DefinitionID returns the ID of a connector's definition: the UUID of version 5 (RFC
// 9562, section 5.5) of its import path as a URL. The same package always has the same
// ID.
func DefinitionID(importPath string) string {
	h := sha1.New()
	h.Write(urlNamespace[:])
	h.Write([]byte("https://" + importPath))
	id := h.Sum(nil)[:16]
	id[6] = id[6]&0x0f | 0x50 // version 5
	id[8] = id[8]&0x3f | 0x80 // the variant of RFC 9562
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

var uuidPattern = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// CheckDefinitionID returns an error if id is not a UUID.
func CheckDefinitionID(id string) error {
	if !uuidPattern.MatchString(id) {
		return fmt.Errorf("invalid definition ID %q: want a UUID, such as %s", pasted.Mask(id), DefinitionID("example.com/shop"))
	}
	return nil
}
