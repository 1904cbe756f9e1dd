package redact

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/penstock-sdk/penstock/internal/lazyregexp"
	"github.com/penstock-sdk/penstock/internal/pasted"
	"github.com/penstock-sdk/penstock/internal/secretname"
)

// pemBegin is the start of the first line of a PEM block (RFC 7468).
const pemBegin = "-----BEGIN "

// The length in bytes of the shortest line of a secret that counts as a secret. The last line
// of a key in PEM may be short, and is not a word.
const (
	minLine     = 16
	minLastLine = minData
)

// pemEnd is the start of the last line of a PEM block, up to its first space.
const pemEnd = "-----END"

// pemPublic matches the public blocks of a text in PEM, and the headers of its blocks.
var pemPublic = lazyregexp.New(`(?s:-----BEGIN (?:[A-Z0-9 ]+ )?(?:PUBLIC KEY|CERTIFICATE)(?: BLOCK)?-----.*?-----END [A-Z0-9 ]+-----)|` +
	`(?m:^(?:Proc-Type|DEK-Info|Version|Comment|Charset|Hash|MessageID): .*$)`)

// pastedLines replaces the escapes of line ends, which people paste from JSON.
var pastedLines = strings.NewReplacer(`\r`, "\n", `\n`, "\n")

// puttyBegin is the start of a file with a private key of PuTTY.
const puttyBegin = "PuTTY-User-Key-File-"

// puttyKey adds the private lines of a key of PuTTY. White space separates them, also if the
// file was pasted into one line.
func (p *partFinder) puttyKey(text string, depth int) {
	label := ""
	for _, field := range strings.Fields(text) {
		switch {
		case strings.HasSuffix(field, ":"):
			label = field
		case strings.HasPrefix(label, "Private-") && len(field) >= minLastLine:
			p.add(field, depth)
		}
	}
}

// parts returns the parts of a secret that are secret by themselves.
func parts(secret string) []string {
	p := partFinder{seen: map[string]bool{secret: true}}
	if !utf8.ValidString(secret) {
		p.add(string([]rune(secret)), 0)                // encoders of JSON replace each invalid byte
		p.add(strings.ToValidUTF8(secret, "\uFFFD"), 0) // other programs, each run of them
	}
	p.find(secret, 0)
	return p.found
}

// A partFinder collects the parts of a secret.
type partFinder struct {
	found []string
	seen  map[string]bool
}

// maxPartDepth bounds parts of parts, such as the PEM block in the JSON in a base64 text.
const maxPartDepth = 4

// add adds a part, and its parts.
func (p *partFinder) add(part string, depth int) {
	if len(part) < minText || p.seen[part] {
		return
	}
	p.seen[part] = true
	p.found = append(p.found, part)
	p.find(part, depth+1)
}

// find adds the parts of text.
func (p *partFinder) find(text string, depth int) {
	if depth > maxPartDepth {
		return
	}
	p.add(pasted.Trim(text), depth) // a connector may use a pasted key without its line end
	switch {
	case json.Valid([]byte(text)):
		var value any
		if json.Unmarshal([]byte(text), &value) == nil {
			p.members("", value, depth)
		}
		return
	case strings.Contains(text, pemBegin):
		text = pastedLines.Replace(text)
		text = pemPublic().ReplaceAllString(text, "\n")
		p.lines(strings.ReplaceAll(text, " ", "\n"), depth)
		return
	case strings.HasPrefix(text, puttyBegin):
		p.puttyKey(pastedLines.Replace(text), depth)
		return
	}
	p.lines(text, depth)
	p.scheme(text, depth)
	p.connectionString(text, depth)
	p.pair(text, depth)
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		if decoded, err := encoding.DecodeString(text); err == nil && utf8.Valid(decoded) && structured(string(decoded)) {
			p.add(string(decoded), depth)
		}
	}
}

func structured(text string) bool {
	return strings.Contains(text, pemBegin) || strings.HasPrefix(text, "{") && json.Valid([]byte(text))
}

// lines adds the lines of a text of several lines, except the first and last lines of PEM
// blocks.
func (p *partFinder) lines(text string, depth int) {
	all := strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' })
	if len(all) < 2 {
		return
	}
	for i, line := range all {
		shortest := minLine
		if i+1 < len(all) && strings.HasPrefix(all[i+1], pemEnd) {
			shortest = minLastLine
		}
		if line = strings.TrimSpace(line); len(line) >= shortest && !strings.HasPrefix(line, "-----") {
			p.add(line, depth)
		}
	}
}

// members adds the members of a JSON value that are secret, judging by their names and
// their values.
func (p *partFinder) members(name string, value any, depth int) {
	switch v := value.(type) {
	case map[string]any:
		_, isKey := v["kty"].(string)
		for name, member := range v {
			if value, isText := member.(string); isKey && isText {
				p.memberOfKey(name, value, depth)
				continue
			}
			p.members(name, member, depth)
		}
	case []any:
		for _, element := range v {
			p.members(name, element, depth)
		}
	case string:
		// A JSON string, and the strings of a list, have no name that says what they are.
		if name == "" && !publicValue().MatchString(v) || secretPart(name, v) || structured(v) {
			p.add(v, depth)
		} else {
			p.scheme(v, depth)
			p.connectionString(v, depth)
		}
	}
}

// memberOfKey adds a member of a JSON Web Key that is secret (RFC 7518, section 6). The other
// ones identify the key.
func (p *partFinder) memberOfKey(name, value string, depth int) {
	switch name {
	case "d", "p", "q", "dp", "dq", "qi", "k":
		p.add(value, depth)
	}
}

// publicValue matches values that are not secret, whatever their names are: a switch, a short
// number, the path of a file with a key.
var publicValue = lazyregexp.New(`(?i)^(?:true|false|yes|no|on|off|none|null|\d{1,5}|(?:[a-z]:|~|\.{0,2})[/\\].*\.(?:pem|key|p8|p12|pfx|jks|crt|cer|der|ppk|keytab|json|txt))$`)

// secretPart reports whether a part of a secret is secret by itself.
func secretPart(name, value string) bool {
	return secretname.Part(name) && !publicValue().MatchString(value)
}

// scheme adds what follows the name of an authentication scheme, and the password and the
// secret parameters of a URL.
func (p *partFinder) scheme(text string, depth int) {
	for _, scheme := range []string{"bearer ", "basic ", "token ", "apikey "} {
		if len(text) > len(scheme) && strings.EqualFold(text[:len(scheme)], scheme) {
			p.add(strings.TrimSpace(text[len(scheme):]), depth)
		}
	}
	if rest, found := afterScheme(text); found {
		p.userinfo(rest, depth)
		if all := logins(rest); len(all) > 0 {
			p.tokenAsUser(all[0], depth)
		}
		if start := strings.IndexAny(rest, "?#"); start >= 0 {
			p.query(rest[start+1:], depth)
		}
		if strings.Contains(rest, "(") {
			for _, found := range hostProperty().FindAllStringSubmatch(rest, -1) {
				if secretPart(found[1], found[2]) {
					p.addEscaped(found[2], depth)
				}
			}
		}
	}
}

// afterScheme returns what follows the scheme of a URL.
func afterScheme(text string) (rest string, found bool) {
	scheme, rest, found := strings.Cut(text, "://")
	return rest, found && !strings.ContainsAny(scheme, " \n=;") // the URL is not the value of a pair
}

// hostProperty matches name=value as in jdbc:mysql://(host=db,password=x)/shop and in
// jdbc:mysql://address=(host=db)(password=x)/shop.
var hostProperty = lazyregexp.New(`([A-Za-z][\w.-]*)=([^(),]+)`)

// query adds the secret parameters of a query, such as that of a shared access signature,
// and of a fragment, such as the answer of an OAuth 2.0 server. The text may begin within a
// password that contains a question mark.
func (p *partFinder) query(text string, depth int) {
	for parameter := range strings.SplitSeq(text, "&") {
		for {
			name, value, found := strings.Cut(parameter, "=")
			if !found {
				break
			}
			name = name[strings.LastIndexAny(name, "?#")+1:]
			if decoded, err := url.QueryUnescape(name); err == nil && secretPart(decoded, value) {
				beforeFragment, _, _ := strings.Cut(value, "#")
				p.addEscaped(beforeFragment, depth)
				p.addReading(value) // a number sign that is not escaped
			}
			next := strings.IndexAny(value, "?#")
			if next < 0 {
				break
			}
			parameter = value[next+1:]
		}
	}
}

// maxLogins bounds the readings of a text.
const maxLogins = 4

// logins returns the texts that may be the user:password of user:password@host/path?query. It
// ends at the last @ before the first / ? or # (RFC 3986, section 3.2). But people
// forget to escape these characters in a password, so it may end at a later @ too. The most
// likely text comes first.
func logins(text string) (all []string) {
	for from := 0; from < len(text) && len(all) < maxLogins; {
		end := len(text)
		if length := strings.IndexAny(text[from:], "/?#"); length >= 0 {
			end = from + length
		}
		if at := strings.LastIndexByte(text[from:end], '@'); at >= 0 {
			all = append(all, text[:from+at])
		}
		from = end + 1
	}
	return all
}

// hostAndPort matches the start of a text that begins with the port of a host, or of several.
var hostAndPort = lazyregexp.New(`^[^:/?#@]+:\d{1,5}(?:,[^:/?#@]+:\d{1,5})*(?:[/?#;]|$)`)

// userinfo adds the password of a text that begins with user:password@.
func (p *partFinder) userinfo(text string, depth int) {
	startsWithHost := hostAndPort().MatchString(text)
	for i, login := range logins(text) {
		user, password, found := strings.Cut(login, ":")
		if !found || strings.ContainsAny(user, " \t\n/?#;=\"([{<") || strings.HasPrefix(password, " ") || strings.Contains(password, "\n") {
			return // it is another text with a colon and an @
		}
		if startsWithHost && (strings.HasSuffix(password, "/") || strings.Contains(password, "=")) {
			continue // the @ belongs to a path or to a query
		}
		if i == 0 {
			p.addEscaped(password, depth)
		} else {
			p.addReading(password)
		}
	}
}

// minToken is the length in bytes of the shortest user name that counts as a token.
const minToken = 16

// tokenAsUser adds the user of user:password if it looks like a token. Some sources take a
// token for the name of the user, with no password or with any one.
func (p *partFinder) tokenAsUser(login string, depth int) {
	switch user, password, _ := strings.Cut(login, ":"); {
	case len(password) >= minText && password != "x-oauth-basic" && password != "api_token":
	case looksRandom(user):
		p.add(user, depth)
	}
}

// looksRandom reports whether a word is a token and not the name of somebody or something: it
// is long, and has digits among letters of both cases or many digits.
func looksRandom(word string) bool {
	lower, upper, digits := 0, 0, 0
	for _, c := range word {
		switch {
		case 'a' <= c && c <= 'z':
			lower++
		case 'A' <= c && c <= 'Z':
			upper++
		case '0' <= c && c <= '9':
			digits++
		case !strings.ContainsRune("-._~%=+", c):
			return false
		}
	}
	return len(word) >= minToken && lower+upper > 0 && (lower*upper*digits > 0 || digits >= len(word)/4)
}

// addReading adds a text that may be a password, as it stands and without escapes. It may also
// be a password with other text, which is why its parts do not count.
func (p *partFinder) addReading(text string) { p.addEscaped(text, maxPartDepth) }

// oracleLogin matches user/password@ of Oracle, whose password may be in quotes.
var oracleLogin = lazyregexp.New(`^[A-Za-z][\w$#]*/(?:"([^"]*)"@|[^"\s])`)

// oracleHost matches user/password@host:port of Oracle: what follows the colon is public.
var oracleHost = lazyregexp.New(`^[A-Za-z][\w$#]*/.*@(?://)?[\w.-]+:\d{1,5}(?:/|$)`)

// oraclePassword adds the password of user/password@host of Oracle. What follows
// jdbc:oracle:thin: is such a text, and a part by itself.
func (p *partFinder) oraclePassword(text string, depth int) {
	found := oracleLogin().FindStringSubmatch(text)
	if found == nil {
		return
	}
	if quoted := found[1]; quoted != "" {
		p.add(quoted, depth)
		p.add(`"`+quoted+`"`, depth)
		return
	}
	for i, login := range logins(text) {
		_, password, found := strings.Cut(login, "/")
		switch {
		case !found || strings.ContainsAny(password, " \t\n"):
			return
		case i == 0:
			p.add(password, depth)
		default:
			p.addReading(password)
		}
	}
}

// addEscaped adds a part of a URL as it stands, and without escapes.
func (p *partFinder) addEscaped(part string, depth int) {
	p.add(part, depth)
	if plain, err := url.QueryUnescape(part); err == nil {
		p.add(plain, depth)
	}
}

// separatedPair matches name=value as in the connection strings of PostgreSQL (libpq), ODBC,
// ADO.NET, JDBC and Azure, whose pairs are separated by semicolons. A value may be quoted
// and may contain spaces.
var separatedPair = lazyregexp.New(`([A-Za-z][\w .-]*?)\s*=\s*('(?:[^'\\]|\\.|'')*'|"(?:[^"]|"")*"|\{(?:[^}]|\}\})*\}|[^;]*)`)

// spacedPair is like separatedPair, but spaces separate the pairs.
var spacedPair = lazyregexp.New(`([A-Za-z][\w.-]*)\s*=\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\S+)`)

// commaPair matches name=value of StackExchange.Redis, where commas separate the pairs.
var commaPair = lazyregexp.New(`(?:^|,)\s*([A-Za-z][\w.-]*)=([^,\s]*)`)

// minPairPassword is the length in bytes of the shortest password of a pair that counts as
// a secret: text with a colon may be something else.
const minPairPassword = minData

// pair adds the password of a pair such as user:password, or the value of a line such as
// "password: value".
func (p *partFinder) pair(text string, depth int) {
	user, password, found := strings.Cut(text, ":")
	if !found || user == "" || strings.HasPrefix(password, "//") || strings.ContainsAny(user, " \t\n;={<(") || oracleHost().MatchString(text) {
		return
	}
	if strings.HasPrefix(password, " ") {
		value := strings.Trim(strings.TrimSpace(password), `'"`)
		if secretname.PublicPart(user) || publicValue().MatchString(value) {
			p.scheme(value, depth)
			p.connectionString(value, depth)
			return
		}
		if len(value) >= minPairPassword {
			p.add(value, depth)
		}
	}
	if len(password) >= minPairPassword {
		p.add(password, depth)
	}
	p.tokenAsUser(text, depth)
}

// backslashed matches a character that a backslash quotes.
var backslashed = lazyregexp.New(`\\(.)`)

// connectionString adds the passwords and the keys of a connection string.
func (p *partFinder) connectionString(text string, depth int) {
	_, isURL := afterScheme(text)
	if !isURL {
		p.userinfo(text, depth) // user:password@tcp(host:3306)/database of MySQL
		p.oraclePassword(text, depth)
	}
	if !strings.Contains(text, "=") || isURL && !strings.Contains(text, ";") {
		return
	}
	pairs := spacedPair
	switch {
	case strings.Contains(text, ";"):
		pairs = separatedPair
	case strings.Contains(text, "&") && !strings.ContainsAny(text, " \t\n"):
		p.query(text, depth)
		for parameter := range strings.SplitSeq(text, "&") {
			_, value, _ := strings.Cut(parameter, "=")
			p.scheme(value, depth) // such as the URL of a proxy
		}
		return
	}
	if !strings.Contains(text, ";") {
		for _, pair := range commaPair().FindAllStringSubmatch(text, -1) {
			if secretPart(pair[1], pair[2]) {
				p.add(pair[2], depth)
			}
		}
	}
	for _, found := range pairs().FindAllStringSubmatch(text, -1) {
		name, value := strings.ReplaceAll(found[1], " ", ""), strings.TrimSpace(found[2])
		if inner := strings.Trim(value, `'"{}`); !secretPart(name, inner) {
			p.scheme(inner, depth)
			continue
		}
		p.add(value, depth)
		if n := len(value); n >= 2 && strings.ContainsRune(`'"{`, rune(value[0])) {
			quote := value[n-1:] // the brace that ends a value is doubled within it, as a quote is
			inner := value[1 : n-1]
			p.add(inner, depth)
			p.add(strings.ReplaceAll(inner, quote+quote, quote), depth)
			p.add(backslashed().ReplaceAllString(inner, "$1"), depth)
		}
	}
}
