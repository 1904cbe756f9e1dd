package transport

import (
	"regexp"
	"runtime/debug"
	"strings"
	"sync"
)

const modulePath = "github.com/penstock-sdk/penstock"

// defaultUserAgent names the program and this library from what the build
// recorded; a program without that information is just "penstock".
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
	// A connector within this module's own tree is known by its package, not
	// by its module.
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

// notToken matches what a product name or version must not hold, RFC 9110
// §5.6.2 and §10.1.5.
var notToken = regexp.MustCompile("[^!#$%&'*+.^_`|~0-9A-Za-z-]+")

func product(name, version string) string {
	name = notToken.ReplaceAllString(name, "-")
	version = strings.Trim(notToken.ReplaceAllString(version, "-"), "-")
	if version == "" {
		return name
	}
	return name + "/" + version
}
