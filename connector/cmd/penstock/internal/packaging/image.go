package packaging

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/penstock-sdk/penstock/internal/pasted"
)

// An Image is the name of a container image.
type Image struct{ Repository, Tag string }

// The grammar of image names is that of the package reference of the project
// distribution: github.com/distribution/reference.
var (
	repositoryPattern = regexp.MustCompile(`^([a-zA-Z0-9.-]+(:[0-9]+)?/)?[a-z0-9]+((\.|__?|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|__?|-+)[a-z0-9]+)*)*$`)
	tagPattern        = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$`)
)

// ParseImage parses the name of an image, REPOSITORY or REPOSITORY:TAG. Without a tag,
// the tag is version. It is an error if the image has a tag that differs from a version
// that is not "". If both are missing, the tag is "dev".
func ParseImage(text, version string) (Image, error) {
	image := Image{Repository: text, Tag: version}
	if colon := strings.LastIndexByte(text, ':'); colon > strings.LastIndexByte(text, '/') {
		image = Image{text[:colon], text[colon+1:]}
		if version != "" && version != image.Tag {
			return Image{}, fmt.Errorf("the image %s has the tag %s, but the version is %s: set only one of them", pasted.Mask(text), pasted.Mask(image.Tag), pasted.Mask(version))
		}
	} else if version == "" {
		image.Tag = "dev"
	}
	switch {
	case len(image.Repository) > 255 || !repositoryPattern.MatchString(image.Repository):
		return Image{}, fmt.Errorf("invalid image %q: want a repository in lower case and a tag, such as example/source-shop:1.2.3", pasted.Mask(text))
	case !tagPattern.MatchString(image.Tag):
		return Image{}, fmt.Errorf("invalid image tag %q: want at most 128 letters, digits and the characters _ . -, such as 1.2.3", pasted.Mask(image.Tag))
	}
	return image, nil
}

// String returns the name with the tag.
func (i Image) String() string { return i.Repository + ":" + i.Tag }
