package transport

import (
	"regexp"
	"runtime/debug"
	"strings"
	"sync"
)

const modulePath = "github.com/penstock-sdk/penstock"

// defaultUserAgent names the program and this library, with the versions that the build
// has recorded. Without that information, it is "penstock".
var defaultUserAgent = sync.OnceValue(func() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "penstock"
	}
	return userAgentOf(info)
})

func userAgentOf(info *debug.BuildInfo) string {
	version := info.Main.Version
	if info.Main.Path != modulePath {
		version = ""
		for _, dep := range info.Deps {
			if dep.Path == modulePath {
				version = dep.Version
			}
		}
	}
	library := product("penstock", version)
	// The name of the package comes first, since the examples of this module share one
	// module path.
	program := info.Path
	if program == "" || program == "command-line-arguments" {
		program = info.Main.Path
	}
	name := program[strings.LastIndexByte(program, '/')+1:]
	if name == "" || name == "penstock" {
		return library
	}
	return product(name, info.Main.Version) + " " + library
}

// notToken matches characters that are not allowed in a product name or version (RFC
// 9110 §5.6.2 and §10.1.5).
var notToken = regexp.MustCompile("[^!#$%&'*+.^_`|~0-9A-Za-z-]+")

func product(name, version string) string {
	name = notToken.ReplaceAllString(name, "-")
	version = strings.Trim(notToken.ReplaceAllString(version, "-"), "-")
	if version == "" {
		return name
	}
	return name + "/" + version
}
