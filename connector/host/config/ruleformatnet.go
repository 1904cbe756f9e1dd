package config

import (
	"net/netip"
	"net/url"
	"strings"

	"github.com/penstock-sdk/penstock/internal/lazyregexp"
)

func isIPv4(text string) bool {
	address, err := netip.ParseAddr(text)
	return err == nil && address.Is4()
}

func isIPv6(text string) bool {
	address, err := netip.ParseAddr(text)
	return err == nil && address.Is6() && address.Zone() == ""
}

var hostnamePattern = lazyregexp.New(`^[0-9A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?(?:\.[0-9A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?)*$`)

// isHostname reports whether text is a host name of RFC 1123. It may end in a dot.
func isHostname(text string) bool {
	text = strings.TrimSuffix(text, ".")
	return len(text) <= 253 && hostnamePattern().MatchString(text)
}

// localPattern matches what may stand before the @ of an address: words and dots, or text
// in quotes.
var localPattern = lazyregexp.New("^(?:[0-9A-Za-z!#$%&'*+/=?^_`{|}~-]+(?:\\.[0-9A-Za-z!#$%&'*+/=?^_`{|}~-]+)*|\"[^\"\\\\]*\")$")

// isEmail reports whether text is an address of mail, without a name and comments, which
// net/mail accepts.
func isEmail(text string) bool {
	at := strings.LastIndexByte(text, '@')
	if at < 0 || at > 64 || len(text) > 254 || !localPattern().MatchString(text[:at]) {
		return false
	}
	domain := text[at+1:]
	if literal, ok := strings.CutPrefix(domain, "["); ok && strings.HasSuffix(literal, "]") {
		literal = strings.TrimSuffix(literal, "]")
		if six, ok := strings.CutPrefix(literal, "IPv6:"); ok {
			return isIPv6(six)
		}
		return isIPv4(literal)
	}
	return isHostname(domain)
}

// parseURL parses a URL. Package url does not check an IPv6 address in it.
func parseURL(text string) (*url.URL, bool) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, false
	}
	if host := u.Hostname(); strings.Contains(host, ":") {
		return u, strings.Contains(u.Host, "[") && strings.Contains(u.Host, "]") && isIPv6(host)
	}
	return u, true
}

func isURI(text string) bool {
	u, ok := parseURL(text)
	return ok && u.IsAbs()
}

func isURIReference(text string) bool {
	_, ok := parseURL(text)
	return ok && !strings.Contains(text, `\`)
}

// isURITemplate reports whether text is a URI whose path may contain expressions in braces
// (RFC 6570).
func isURITemplate(text string) bool {
	u, ok := parseURL(text)
	if !ok {
		return false
	}
	for segment := range strings.SplitSeq(u.RawPath, "/") {
		decoded, err := url.PathUnescape(segment)
		if err != nil || !hasPairedBraces(decoded) {
			return false
		}
	}
	return true
}

// hasPairedBraces reports whether each brace that opens is closed before the next one opens.
func hasPairedBraces(text string) bool {
	open := false
	for _, r := range text {
		switch r {
		case '{', '}':
			if open == (r == '{') {
				return false
			}
			open = !open
		}
	}
	return !open
}
