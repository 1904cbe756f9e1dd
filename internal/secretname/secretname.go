// Package secretname recognizes names that usually belong to a secret: of query
// parameters, form fields, JSON members, HTTP headers and fields of a
// configuration.
//
// There is one list of words. A word marks a secret in some places but not in
// others: a parameter named "code" may hold a country, but in the body of a token
// request it holds a credential. The list therefore states where each word counts,
// and there is a function for each place.
//
// All functions ignore case. All except [Header] and [PageHeader] also ignore the
// separators "-", "_", ".", "[" and "]", so that "apiKey", "API-Key" and
// "user[api_key]" are alike. They are safe for concurrent use.
package secretname

import "strings"

// A place is a kind of name in which a word marks a secret.
type place uint

const (
	// whole matches a parameter whose name is the word.
	whole place = 1 << iota
	// end matches a parameter or a field of a configuration whose name ends in
	// the word.
	end
	// signed matches a parameter whose name ends in the word. A signature
	// protects one request, so a configuration has none.
	signed
	// grant matches a form field of an OAuth 2.0 token request whose name is the
	// word.
	grant
	// member matches a JSON member whose name is the word. JSON bodies are full
	// of names such as "key" and "token" that are not secret, so only names with
	// one meaning qualify.
	member
	// header matches a header whose name contains the word. A header's name is
	// chosen by the source and has few other meanings, so a part is enough.
	header
)

// words is the list of words. An underscore separates the parts of a word. Names may
// omit it.
var words = []struct {
	text   string
	places place
}{
	{"auth", whole | header},
	{"authorization", whole},
	{"cookie", header},
	{"hmac", whole},
	{"jwt", whole},
	{"key", whole | header},
	{"pass", whole},
	{"pwd", whole},
	{"session", whole | header},
	{"session_id", whole},
	{"sid", whole},
	{"sig", whole},
	{"signature", signed | header},
	{"token", whole | header},

	{"passphrase", end},
	{"passwd", end},
	{"password", end | member | header},

	{"secret", end | header},
	{"client_secret", member},

	{"access_key", end},
	{"api_key", end},
	{"private_key", end},
	{"secret_key", end},
	{"subscription_key", end}, // Azure API Management

	{"access_token", end | member},
	{"api_token", end},
	{"auth_token", end},
	{"bearer_token", end},
	{"id_token", whole | member}, // not an end: "valid_token" and "paid_token" also end in it
	{"refresh_token", end | member},
	{"security_token", end}, // X-Amz-Security-Token

	{"credential", end}, // X-Amz-Credential and X-Goog-Credential

	{"assertion", end | member}, // RFC 7521
	{"client_assertion", member},
	{"code", grant},          // RFC 6749, section 4.1.3
	{"code_verifier", grant}, // RFC 7636
}

var separators = strings.NewReplacer("-", "", "_", "", ".", "", "[", "", "]", "")

// fold returns the form in which names and words are compared.
func fold(name string) string { return separators.Replace(strings.ToLower(name)) }

// folded holds the words without separators.
var folded = func() []string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = fold(w.text)
	}
	return all
}()

// matches reports whether a word that counts in one of the places matches.
func matches(places place, match func(word string) bool) bool {
	for i, w := range words {
		if w.places&places != 0 && match(folded[i]) {
			return true
		}
	}
	return false
}

// Parameter reports whether a query parameter or form field of this name usually
// holds a secret, such as "api_key", "sig" or "X-Amz-Signature". Page tokens and
// sort keys are not secret.
//
// The name must be unescaped.
func Parameter(name string) bool {
	name = fold(name)
	return matches(whole, func(word string) bool { return name == word }) ||
		matches(end|signed, func(word string) bool { return strings.HasSuffix(name, word) })
}

// GrantField reports whether a form field of an OAuth 2.0 token request holds a
// secret although [Parameter] reports false for it, because its name means
// something else in other requests. An example is "code".
func GrantField(name string) bool {
	name = fold(name)
	return matches(grant, func(word string) bool { return name == word })
}

// Field reports whether a field of a configuration holds a secret, judging by its
// name. The path of a field within another one is a name too: "proxy.password".
// Unlike [Parameter], it does not match short words such as "key", which a
// configuration also uses for other things.
func Field(name string) bool {
	name = fold(name)
	return matches(end, func(word string) bool { return strings.HasSuffix(name, word) })
}

// partWords mark a secret in the name of a part of a secret. A secret is certain to have a
// secret part, so they are shorter than those of other places.
var partWords = []string{"secret", "token", "passw", "pwd", "private", "credential", "key"}

// publicEnds are the ends of the names of parts that say something about a secret, such as
// its name or its type, and of parts with another meaning, such as a keyspace.
var publicEnds = []string{
	"name", "names", "id", "ids", "arn", "alias", "label", "description", "comment", "fingerprint", "thumbprint", "prefix", "hint",
	"type", "kind", "class", "use", "usage", "ops", "mode", "method", "spec", "state", "status", "enabled", "required", "rotation",
	"algorithm", "alg", "algo", "curve", "size", "length", "bits", "count", "version", "format", "encoding", "encryption",
	"uri", "url", "endpoint", "host", "hostname", "server", "port", "ip", "dns", "zone", "link", "network", "subnet", "region",
	"path", "file", "dir", "directory", "folder", "location", "store", "vault", "space", "spaces", "schema", "database",
	"header", "parameter", "param", "field", "column", "attribute", "index", "keyword", "keywords",
	"sort_key", "partition_key", "foreign_key",
	"ttl", "lifetime", "validity", "timeout", "interval", "created_at", "updated_at", "issued_at", "rotated_at",
	"retrieval", "authentication", "provider", "issuer", "audience", "scope", "scopes", "domain", "realm", "policy",
	"user", "email", "owner", "principal",
}

var foldedPublicEnds = func() []string {
	all := make([]string, len(publicEnds))
	for i, end := range publicEnds {
		all[i] = fold(end)
	}
	return all
}()

// foldPart is like [fold]. It also removes the number at the end of a name: there may be
// several parts of a kind.
func foldPart(name string) string { return strings.TrimRight(fold(name), "0123456789") }

// Part reports whether a part of a secret is secret by itself, judging by its name: a member
// of a JSON secret, a pair of a connection string, a line of a file of credentials. More names
// qualify than for [Field] and [Parameter], but not those that say something about a secret,
// such as "key_name" and "token_uri".
func Part(name string) bool {
	name = foldPart(name)
	switch {
	case publicKey(name):
		return false
	case Field(name), Parameter(name):
		return true
	case strings.HasSuffix(name, "secretid"): // of an AppRole of Vault, whose name is the role_id
		return true
	case publicEnd(name):
		return false
	}
	for _, word := range partWords {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// PublicPart reports whether a part of a secret is public, judging by its name, such as "host"
// or "key_name". For some names, neither [Part] nor PublicPart reports true.
func PublicPart(name string) bool {
	return !Part(name) && (publicKey(foldPart(name)) || publicEnd(foldPart(name)))
}

// publicKey reports whether a folded name is that of something that is said to be public.
func publicKey(name string) bool {
	return strings.HasPrefix(name, "public") && !strings.HasPrefix(name, "publicat") ||
		strings.Contains(name, "publickey") || strings.Contains(name, "publishable")
}

// publicEnd reports whether a folded name has the end of a public one.
func publicEnd(name string) bool {
	if strings.Contains(name, "expir") {
		return true
	}
	for _, end := range foldedPublicEnds {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}

// Header reports whether a header of this name usually holds a secret. See also
// [PageHeader].
func Header(name string) bool {
	name = strings.ToLower(name)
	return matches(header, func(word string) bool { return strings.Contains(name, word) })
}

// PageHeader reports whether a header of this name leads to the next page, such
// as X-Next-Page-Token. [Header] may report true for it too. The name alone
// does not show whether the header is secret. The caller chooses between the risks of
// hiding a page token and of keeping a secret.
func PageHeader(name string) bool {
	name = strings.ToLower(name)
	for _, word := range []string{"page", "next", "continuation", "cursor"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// OneRequest reports whether a secret of this name belongs to a single request,
// such as a signature or an idempotency key. It never occurs in another one.
func OneRequest(name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, "sig") || strings.Contains(name, "idempotency")
}

// MemberPattern returns a regular expression for the names of JSON members that
// hold a secret in any body, in snake case or camel case. Use the expression
// case-insensitively. It has no capturing group.
func MemberPattern() string {
	var all []string
	for _, w := range words {
		if w.places&member != 0 {
			all = append(all, strings.ReplaceAll(w.text, "_", "_?"))
		}
	}
	return "(?:" + strings.Join(all, "|") + ")"
}
