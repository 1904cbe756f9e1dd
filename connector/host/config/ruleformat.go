package config

import (
	"regexp"
)

// hasFormat reports whether text has a format. Text of an unknown format, and of one that
// has no syntax, such as password, is always accepted.
func hasFormat(text, format string) bool {
	switch format {
	case "date":
		return isDate(text)
	case "time":
		return isTime(text)
	case "date-time":
		return isDateTime(text)
	case "duration":
		return isDuration(text)
	case "period":
		return isPeriod(text)
	case "email":
		return isEmail(text)
	case "hostname":
		return isHostname(text)
	case "ipv4":
		return isIPv4(text)
	case "ipv6":
		return isIPv6(text)
	case "uri", "iri":
		return isURI(text)
	case "uri-reference", "iri-reference":
		return isURIReference(text)
	case "uri-template":
		return isURITemplate(text)
	case "uuid":
		return uuidPattern().MatchString(text)
	case "json-pointer":
		return isJSONPointer(text)
	case "relative-json-pointer":
		return relativePointerPattern().MatchString(text)
	case "regex":
		_, err := regexp.Compile(text)
		return err == nil
	case "semver":
		return versionPattern().MatchString(text)
	}
	return true
}
