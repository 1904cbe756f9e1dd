package packaging

import (
	"fmt"
	"regexp"
	"runtime"

	"github.com/penstock-sdk/penstock/internal/pasted"
)

// A Platform is an operating system and an architecture, in the go command's terms.
type Platform struct{ OS, Arch string }

// Host returns the platform of this machine.
func Host() Platform { return Platform{runtime.GOOS, runtime.GOARCH} }

var platformPattern = regexp.MustCompile(`^([a-z0-9]+)/([a-z0-9]+)$`)

// ParsePlatform parses a platform such as "linux/amd64". It accepts platforms that the
// go command may not support.
func ParsePlatform(text string) (Platform, error) {
	match := platformPattern.FindStringSubmatch(text)
	if match == nil {
		return Platform{}, fmt.Errorf("invalid platform %q: want an operating system and an architecture, such as linux/amd64", pasted.Mask(text))
	}
	return Platform{match[1], match[2]}, nil
}

// String returns the platform as [ParsePlatform] accepts it.
func (p Platform) String() string { return p.OS + "/" + p.Arch }

// executable returns the file name of a program on the platform.
func (p Platform) executable(name string) string {
	if p.OS == "windows" {
		return name + ".exe"
	}
	return name
}
