package packaging

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/mozillazg/go-unidecode"

	"github.com/penstock-sdk/penstock/internal/pasted"
)

// A Name is the name of a connector.
type Name struct {
	// Display is the name as people read it.
	Display string
	// ID is the name in file names, image names and plugin names. It contains only
	// lower-case letters, digits and single dashes between them.
	ID string
}

var notID = regexp.MustCompile(`[^a-z0-9]+`)

// longestID is the maximum length of an ID, so that a file name or an image name that
// contains it is valid.
const longestID = 100

// NewName returns the name of a connector. Its ID is text in lower-case letters of
// ASCII. Every other character becomes a dash, and a prefix "source" or "tap", which
// the platforms add, is removed. It is an error if nothing remains.
func NewName(text string) (Name, error) {
	id := strings.Trim(notID.ReplaceAllString(strings.ToLower(unidecode.Unidecode(text)), "-"), "-")
	for _, prefix := range []string{"source-", "tap-"} {
		id = strings.TrimPrefix(id, prefix)
	}
	display := strings.Join(strings.Fields(text), " ")
	for _, prefix := range []string{"source-", "tap-"} {
		display = strings.TrimPrefix(display, prefix)
	}
	switch {
	case id == "":
		return Name{}, fmt.Errorf("the name %q contains no letters or digits; set another with -name", pasted.Mask(text))
	case len(id) > longestID:
		return Name{}, fmt.Errorf("the name %q is longer than %d characters; set another with -name", pasted.Mask(text), longestID)
	}
	return Name{Display: display, ID: id}, nil
}

func (n Name) source() string { return "source-" + n.ID }
func (n Name) tap() string    { return "tap-" + n.ID }

// namespace returns the name of the tap as a Python identifier.
func (n Name) namespace() string { return strings.ReplaceAll(n.tap(), "-", "_") }
