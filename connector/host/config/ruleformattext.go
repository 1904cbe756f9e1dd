package config

import "github.com/penstock-sdk/penstock/internal/lazyregexp"

var (
	uuidPattern            = lazyregexp.New(`^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)
	pointerPattern         = lazyregexp.New(`^(?:/(?:[^~/]|~[01])*)*$`)
	relativePointerPattern = lazyregexp.New(`^(?:0|[1-9][0-9]*)(?:#|(?:/(?:[^~/]|~[01])*)*)$`)

	// versionPattern is the expression that semver.org suggests.
	versionPattern = lazyregexp.New(`^(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*)` +
		`(?:-(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*))*)?` +
		`(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$`)
)

// isJSONPointer reports whether text is a JSON Pointer (RFC 6901).
func isJSONPointer(text string) bool { return pointerPattern().MatchString(text) }
