package redact_test

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var long = flag.Bool("long", false, "also check that the tests of this package, and of the packages that use it, find each mutation")

// A mutation is a fault in the source of a package. It replaces a text that occurs once in
// a file.
type mutation struct{ file, old, with string }

// mutations are the faults of the search. Each of them makes secrets leak, or changes text
// that is not secret.
var mutations = []mutation{
	// Escapes.
	{"normal.go", `case 'n', 'r', 't', 'b', 'f', 'v', 'a':`, `case 0:`},
	{"normal.go", `case 'x':`, `case 0:`},
	{"normal.go", `case 'U':`, `case 0:`},
	{"normal.go", `case 'u':`, `case 0:`},
	{"normal.go", `case '0', '1', '2', '3':`, `case 0:`},
	{"normal.go", `if len(text) > 0 && text[0] == '{' {`, `if false {`},
	{"normal.go", `!utf16.IsSurrogate(r) {`, `true {`},
	{"normal.go", `if b, ok := hexadecimal(in[i+1:], 2); ok {`, `if b, ok := hexadecimal(in[i+1:], 2); ok && false {`},
	{"normal.go", `entity(in, i); end > 0 {`, `entity(in, i); end < 0 {`},
	{"normal.go", `character = "" // &#0;`, `character += "" // &#0;`},
	{"normal.go", `case 'a' <= c|0x20 && c|0x20 <= 'f':`, `case 'a' <= c && c <= 'f':`},
	{"normal.go", `const maxLevels = 8`, `const maxLevels = 1`},
	{"normal.go", `if where&inUnescaped == 0 {`, `if false {`},
	{"normal.go", `if where&inUnescaped == 0 {`, `if true {`},
	{"normal.go", `folded && unfolded != 0 {`, `false {`},
	{"normal.go", `end := keptAfter(text, 1)`, `end := 2`},
	{"normal.go", `; next > end+1 {`, `; next < end {`},
	{"text.go", `if folded = true; unfold {`, `if folded = true; false {`},
	{"normal.go", `n.at[kept-1].to = n.at[from-1].to`, `_ = kept`},
	{"text.go", `	n.drop()`, `	_ = n`},
	{"scan.go", `return unicode.IsSpace(r) ||`, `return false &&`},
	{"scan.go", `|| unicode.Is(unicode.Cf, r)`, ``},
	// Forms.
	{"form.go", `[]string{digits, strings.ToUpper(digits)}`, `[]string{digits}`},
	{"form.go", `text: separated(text, ":"), data: true}`, `text: text}`},
	{"form.go", `text: separated(text, ":"), data: true}`, `text: separated(text, ":")}`},
	{"form.go", `text: separated(text, "-"), data: true}`, `text: text}`},
	{"form.go", `text: separated(text, "-"), data: true}`, `text: separated(text, "-")}`},
	{"form.go", "		form{name: \"in decimal bytes\", text: spaced, data: true},\n", ""},
	{"form.go", `text: strings.ReplaceAll(spaced, " ", ","), data: true}, // an array of JSON
		form{name: "in decimal bytes", text: strings.ReplaceAll(spaced, " ", ", "), data: true}`, `text: spaced}`},
	{"form.go", `"[]byte"), "{}"), data: true}`, `"[]byte"), "{}")}`},
	{"form.go", `text: fmt.Sprintf("%# x", secret), data: true}`, `text: spaced}`},
	{"form.go", `for shift := range 3 {`, `for shift := range 1 {`},
	{"form.go", `for shift := range 3 {`, `for shift := range 2 {`},
	{"form.go", `{base64.RawStdEncoding, base64.RawURLEncoding}`, `{base64.RawStdEncoding}`},
	{"form.go", `{base64.RawStdEncoding, base64.RawURLEncoding}`, `{base64.RawURLEncoding}`},
	{"form.go", `core, run: true,`, `core, run: false,`},
	{"form.go", `		secret, minimal, string`, `		secret, string`},
	{"form.go", `string(marshalled[1 : len(marshalled)-1]), url`, `string(marshalled[:0]), url`},
	{"form.go", ` url.QueryEscape(secret),`, ` url.QueryEscape(""),`},
	{"form.go", "`\\/`),\n	}", "`/`),\n	}"},
	{"form.go", `all := []string{ascii,`, `all := []string{`},
	{"form.go", "strings.ReplaceAll(ascii, \"/\", `\\/`), spaces, component, path}", "spaces, component, path}"},
	{"form.go", "`\\/`), spaces, component, path}", "`\\/`), component, path}"},
	{"form.go", "`\\/`), spaces, component, path}", "`\\/`), spaces, path}"},
	{"form.go", "`\\/`), spaces, component, path}", "`\\/`), spaces, component}"},
	{"form.go", `{query, url.PathEscape(secret), spaces, component, path} {`, `{url.PathEscape(secret), spaces, component, path} {`},
	{"form.go", `{query, url.PathEscape(secret), spaces, component, path} {`, `{query, spaces, component, path} {`},
	{"form.go", `{query, url.PathEscape(secret), spaces, component, path} {`, `{query, url.PathEscape(secret), component, path} {`},
	{"form.go", `{query, url.PathEscape(secret), spaces, component, path} {`, `{query, url.PathEscape(secret), spaces, path} {`},
	{"form.go", `{query, url.PathEscape(secret), spaces, component, path} {`, `{query, url.PathEscape(secret), spaces, component} {`},
	{"form.go", `all = append(all, marks)`, `_ = marks`},
	{"form.go", `{"'", "&#39;", "&#039;", "&#x27;", "&apos;"}`, `{"&#39;", "&#039;", "&#x27;", "&apos;"}`},
	{"form.go", `{"'", "&#39;", "&#039;", "&#x27;", "&apos;"}`, `{"'", "&#039;", "&#x27;", "&apos;"}`},
	{"form.go", `{"'", "&#39;", "&#039;", "&#x27;", "&apos;"}`, `{"'", "&#39;", "&#x27;", "&apos;"}`},
	{"form.go", `{"'", "&#39;", "&#039;", "&#x27;", "&apos;"}`, `{"'", "&#39;", "&#039;", "&apos;"}`},
	{"form.go", `{"'", "&#39;", "&#039;", "&#x27;", "&apos;"}`, `{"'", "&#39;", "&#039;", "&#x27;"}`},
	{"form.go", `quotedPrintable(secret, "\t\r\n"), `, ``},
	{"form.go", `if len(secret) < minEncoded {`, `if len(secret) < minData {`},
	// Patterns.
	{"secret.go", `add(f, compared, inNormal).adjacent = true`, `add(f, compared, inNormal).adjacent = false`},
	{"secret.go", `[]string{f.text, strings.ReplaceAll(f.text, " ", "+")}`, `[]string{}`},
	{"secret.go", `[]string{f.text, strings.ReplaceAll(f.text, " ", "+")}`, `[]string{f.text}`},
	{"secret.go", `p.cut = blockSize`, `p.cut = minCut`},
	{"secret.go", `return scheme + len("://")`, `return 0`},
	{"secret.go", `return len(pemBegin) + header + len("-----")`, `return 0`},
	{"secret.go", `if strings.HasPrefix(secret, "{") && json.Valid([]byte(secret)) && len(parts) > 0 {`, `if json.Valid(nil) {`},
	{"secret.go", `if strings.HasPrefix(secret, "{") && json.Valid([]byte(secret)) && len(parts) > 0 {`, `if strings.HasPrefix(secret, "<") && !json.Valid(nil) {`},
	{"text.go", `			search(inText)`, `			_ = search`},
	{"secret.go", `isToken(value), !isConnectionString(value)`, `isToken(value), true`},
	{"secret.go", `isToken(value), !isConnectionString(value)`, `true, !isConnectionString(value)`},
	{"secret.go", `data: f.data && len(value) >= minData,`, `data: true,`},
	{"set.go", `for _, part := range known.parts {`, `for _, part := range []string{} {`},
	{"set.go", `known := s.compiled(value)`, `known := newSecret(Mask + value)`},
	// Parts of secrets.
	{"index.go", `if p.anywhere && size >= minPart {`, `if false {`},
	{"index.go", `size -= max(0, p.public-offset)`, `_ = p.public`},
	{"index.go", `(offset == 0 || p.tail && cutBefore(text[:s.from]))`, `offset == 0`},
	{"index.go", `p.tail && cutBefore(text[:s.from])`, `p.tail`},
	{"index.go", `== len(p.text) || cutAfter(text[s.to:])`, `== len(p.text)`},
	{"index.go", `|| cutAfter(text[s.to:]))`, `|| true)`},
	{"index.go", `[]byte("..."), `, ``},
	{"index.go", `[]byte("…"), `, ``},
	{"index.go", `[]byte("**"), `, ``},
	{"index.go", `, []byte(Mask),`, `,`},
	{"index.go", `, []byte("\" after host"),`, `,`},
	{"index.go", `[]byte("%E2%80%A6"), `, ``},
	{"index.go", `[]byte("‥"), `, ``},
	{"index.go", `[]byte("truncated"), `, ``},
	{"index.go", `[]byte("more bytes"),`, ``},
	{"secret.go", `query := strings.ReplaceAll(value, " ", "+"); query != value {`, `query := value; false {`},
	{"index.go", "[]byte(`\\u2026`), ", ``},
	{"index.go", `const maxRest = 8`, `const maxRest = 0`},
	{"index.go", `return of == people &&`, `return`},
	{"index.go", `if of == data || p.public < 0 {`, `if p.public < 0 {`},
	// Long patterns that almost occur many times.
	{"index.go", `if excessive && of == data {`, `if false {`},
	{"index.go", `(!long || !excessive) {`, `true {`},
	{"index.go", `for _, p := range late {`, `for _, p := range late[:0] {`},
	{"needles.go", `if !found && vain.add(&needle[0], len(needle), size) {`, `if false {`},
	{"needles.go", `			found = true`, `			_ = found`},
	{"misses.go", `length = int(borders[length])`, `length = -1`},
	{"misses.go", `			length = borders[length]`, `			length = -1`},
	{"misses.go", `for length == len(pattern) ||`, `for`},
	// Spans.
	{"text.go", `if all[i].in.run {`, `if false {`},
	{"text.go", `		m.from = begin`, `		_ = begin`},
	{"text.go", `begin = at + 1`, `begin = 0`},
	{"text.go", `end, padded = at-1, -1`, `end = at-1`},
	{"text.go", "slices.SortFunc(runs, func(a, b *match) int { return a.from - b.from })\n", "\n"},
	{"text.go", "slices.SortFunc(runs, func(a, b *match) int { return b.to - a.to })\n", "\n"},
	{"text.go", `case strings.HasPrefix(rest, "="):`, `case false:`},
	{"text.go", `strings.EqualFold(rest[:len("%3D")], "%3D"):`, `false:`},
	{"text.go", `if insideMask(text, m.span) {`, `if false {`},
	{"text.go", `spans[last].to = max(spans[last].to, m.to)`, `spans[last].to = m.from`},
	{"text.go", `for _, word := range layer.words {`, `for _, word := range layer.words[:0] {`},
	{"text.go", `if isWordRune(before) || isWordRune(after) {`, `if isWordRune(before) && isWordRune(after) {`},
	// Data.
	{"data.go", `s.inDataForm(data, 0)`, `false, false`},
	{"data.go", `if !found && folded {`, `if !found && folded && false {`},
	{"data.go", `if !isFolded(data) {`, `if true {`},
	{"data.go", `layer.normal().inKept(data) ||`, `layer.data().in(data) ||`},
	{"data.go", `|| s.where&inUnescaped != 0 && layer.unescaped().in(data) {`, `{`},
	{"data.go", `	if s.where&inUnescaped != 0 {`, `	if false {`},
	{"data.go", `levels := maxLevels + 1`, `levels := maxLevels`},
	{"data.go", `		n.unescapeJSON()`, `		_ = n`},
	{"needles.go", `isUnusual[text[third]]|`, ``},
	{"needles.go", `|isUnusual[text[last]] !=`, ` !=`},
	{"needles.go", `if at = keptAfter(text, at);`, `if`},
	{"needles.go", `from = keptBefore(text, from)`, `from--`},
	{"scan.go", `if c >= utf8.RuneSelf || isDropped(byte(c)) {`, `if isDropped(byte(c)) {`},
	{"data.go", `if layer.data().in(data) {`, `if false {`},
	{"data.go", `clean = names.Unique(depth, clean)`, `clean = text`},
	{"data.go", `if err == nil && s.Spans(masked) {`, `if false {`},
	{"data.go", `if token.Kind() == '0' && s.InData`, `if false && s.InData`},
	{"maskednames.go", `; times > 1 {`, `; times > 9 {`},
	{"data.go", `strings.ToValidUTF8(replaced(text, spans), "\uFFFD")`, `strings.Clone(replaced(text, spans))`},
	// Secret parts.
	{"parts.go", `case strings.Contains(text, pemBegin):`, `case false:`},
	{"parts.go", "text = pastedLines.Replace(text)\n		text = pemPublic", "text = pemPublic"},
	{"parts.go", `strings.ReplaceAll(text, " ", "\n")`, `text`},
	{"parts.go", `text = pemPublic().ReplaceAllString(text, "\n")`, ``},
	{"parts.go", `case strings.HasPrefix(text, puttyBegin):`, `case false:`},
	{"parts.go", `p.puttyKey(pastedLines.Replace(text), depth)`, `p.puttyKey(text, depth)`},
	{"parts.go", `			p.add(field, depth)`, `			_ = field`},
	{"parts.go", `strings.HasPrefix(label, "Private-")`, `strings.HasPrefix(label, "P")`},
	{"parts.go", `isKey && isText {`, `false && isKey && isText {`},
	{"parts.go", `name == "" && !publicValue().MatchString(v) || `, ``},
	{"parts.go", `name == "" && !publicValue().MatchString(v)`, `name == ""`},
	{"parts.go", `(user, " \t\n;={<(") || oracleHost().MatchString(text)`, `(user, " \t\n;={<(")`},
	{"parts.go", `(user, " \t\n;={<(")`, `(user, " \t\n;={<")`},
	{"parts.go", `case "d", "p", "q", "dp", "dq", "qi", "k":`, `case "n":`},
	{"parts.go", `&& !publicValue().MatchString(value)
}`, `
}`},
	{"parts.go", `p.add(pair[2], depth)`, `_ = pair`},
	{"parts.go", `secretname.PublicPart(user) || publicValue`, `publicValue`},
	{"parts.go", `secretname.PublicPart(user) || publicValue().MatchString(value)`, `secretname.PublicPart(user)`},
	{"parts.go", "p.scheme(value, depth)\n			p.connectionString", `p.connectionString`},
	{"parts.go", "			p.connectionString(value, depth)\n			return", `			return`},
	{"parts.go", `			p.add(value, depth)
		}
	}
	if len`, `			_ = value
		}
	}
	if len`},
	{"parts.go", `!secretPart(name, inner)`, `!secretPart(name, "")`},
	{"parts.go", `secretPart(found[1], found[2])`, `secretPart(found[1], "")`},
	{"parts.go", `			shortest = minLastLine`, `			_ = minLastLine`},
	{"parts.go", `{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding}`, `{base64.StdEncoding, base64.RawURLEncoding}`},
	{"parts.go", `{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding}`, `{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding}`},
	{"parts.go", `p.oraclePassword(text, depth)`, ``},
	{"parts.go", `p.add(quoted, depth)`, ``},
	{"parts.go", "p.add(`\"`+quoted+`\"`, depth)", ``},
	{"parts.go", "			p.add(password, depth)\n", ""},
	{"parts.go", "			p.addReading(password)\n		}\n	}\n}\n\n// addEscaped", "		}\n	}\n}\n\n// addEscaped"},
	{"parts.go", `\{(?:[^}]|\}\})*\}`, `\{[^}]*\}`},
	{"parts.go", `quote := value[n-1:]`, `quote := value[:1]`},
	{"parts.go", `case json.Valid([]byte(text)):`, `case false:`},
	{"parts.go", "	p.lines(text, depth)\n	p.scheme", "	p.scheme"},
	{"parts.go", "	p.scheme(text, depth)\n	p.connectionString(text, depth)\n	p.pair", "	p.connectionString(text, depth)\n	p.pair"},
	{"parts.go", "	p.connectionString(text, depth)\n	p.pair", "	p.pair"},
	{"parts.go", "	p.pair(text, depth)\n", ""},
	{"parts.go", `p.query(text, depth)`, ``},
	{"parts.go", `p.scheme(value, depth) // such as`, `_ = value //`},
	{"parts.go", "p.scheme(inner, depth)", ``},
	{"parts.go", `utf8.Valid(decoded) && structured(string(decoded))`, `false`},
	{"parts.go", `p.add(pasted.Trim(text), depth)`, `_ = pasted.Trim`},
	{"parts.go", `if !utf8.ValidString(secret) {`, `if false {`},
	{"parts.go", `secretPart(name, v) || structured(v)`, `secretPart(name, v)`},
	{"parts.go", `secretPart(name, v) || structured(v)`, `structured(v)`},
	{"parts.go", `{"bearer ", "basic ", "token ", "apikey "}`, `{"basic ", "token ", "apikey "}`},
	{"parts.go", `p.userinfo(rest, depth)`, ``},
	{"parts.go", `p.query(rest[start+1:], depth)`, `_ = start`},
	{"parts.go", `strings.IndexAny(rest, "?#")`, `strings.IndexAny(rest, "?")`},
	{"parts.go", `p.addEscaped(found[2], depth)`, `_ = found`},
	{"parts.go", `(scheme, " \n=;")`, `(scheme, " \n")`},
	{"parts.go", `name[strings.LastIndexAny(name, "?#")+1:]`, `name[:]`},
	{"parts.go", `p.addEscaped(beforeFragment, depth)`, `_ = beforeFragment`},
	{"parts.go", `p.addReading(value)`, ``},
	{"parts.go", `parameter = value[next+1:]`, `break`},
	{"parts.go", `strings.LastIndexByte(text[from:end], '@')`, `strings.LastIndexByte(text[from:], '@')`},
	{"parts.go", `all = append(all, text[:from+at])`, `return append(all, text[:from+at])`},
	{"parts.go", `/?#;=\"([{<")`, `")`},
	{"parts.go", ` || strings.HasPrefix(password, " ")`, ``},
	{"parts.go", `strings.HasSuffix(password, "/") || `, ``},
	{"parts.go", ` || strings.Contains(password, "=")) {`, `) {`},
	{"parts.go", `			p.addEscaped(password, depth)`, `			_ = password`},
	{"parts.go", "			p.addReading(password)\n		}\n	}\n}\n\n// minToken", "		}\n	}\n}\n\n// minToken"},
	{"parts.go", `p.tokenAsUser(all[0], depth)`, `_ = all`},
	{"parts.go", `p.tokenAsUser(text, depth)`, ``},
	{"parts.go", `len(password) >= minText && password != "x-oauth-basic" && password != "api_token"`, `len(password) >= minText`},
	{"parts.go", `len(password) >= minText && password != "x-oauth-basic" && password != "api_token"`, `password == Mask`},
	{"parts.go", `lower*upper*digits > 0 || digits`, `digits`},
	{"parts.go", ` || digits >= len(word)/4`, ``},
	{"parts.go", `len(word) >= minToken && `, ``},
	{"parts.go", `&& lower+upper > 0 &&`, `&&`},
	{"parts.go", `{ p.addEscaped(text, maxPartDepth) }`, `{ p.addEscaped(text, 0) }`},
	{"parts.go", `url.QueryUnescape(part)`, `url.PathUnescape(part)`},
	{"parts.go", `p.userinfo(text, depth)`, ``},
	{"parts.go", `pairs = separatedPair`, `_ = separatedPair`},
	{"parts.go", `p.add(strings.ReplaceAll(inner, quote+quote, quote), depth)`, `_ = quote`},
	{"parts.go", `p.add(backslashed().ReplaceAllString(inner, "$1"), depth)`, ``},
	// The packages that use the search.
	{"../../connector/host/clean.go", `own:  r.ownErrors(nil, err),`, `own:  []error{err},`},
	{"../../connector/host/clean.go", `text: r.text(err.Error()),`, `text: err.Error(),`},
	{"../maskedrow/maskedrow.go", `masked = binaryMask`, `_ = binaryMask`},
	{"../maskedrow/maskedrow.go", `if secrets.Spans(masked) {`, `if false {`},
	{"../maskedrow/maskedrow.go", `row, typeOf, valueOrZero,`, `row, typeOf, Value,`},
	{"../maskedrow/maskedrow.go", `return binaryMask, 1, nil`, `break`},
	{"../maskedrow/maskedrow.go", `case isNumberOrTime(t, value) || kind`, `case kind`},
	{"../maskedrow/maskedrow.go", `m.Names = hit; hit > 0 {`, `m.Names = hit; hit > 1 {`},
	{"../maskedrow/maskedrow.go", `return err == nil`, `return err == nil && false`},
	{"../maskedrow/maskedrow.go", `return err == nil`, `return err == nil || true`},
	{"../../connector/host/row.go", `if s.run.redactor.inJSON(encoded) {`, `if false {`},
	{"../../connector/host/checkpoint.go", `if s.run.redactor.inJSON(saved.State) {`, `if false {`},
	{"../../connector/host/redactinghandler.go", `h.redactor.text(r.Message)`, `r.Message`},
	{"../../connector/host/logtext.go", `slog.StringValue(t.text(v.String()))`, `slog.StringValue(v.String())`},
	{"../../connector/host/logtext.go", `Key: t.text(a.Key)`, `Key: a.Key`},
	{"../../transport/mask.go", `shorten.Line(m.text(string(text[:min(len(text), maxMasked)])), limit)`, `m.text(shorten.Line(string(text[:min(len(text), maxMasked)]), limit))`},
	{"../../transport/mask.go", `return m.text(v.String())`, `return v.String()`},
}

func TestEveryMutationReplacesATextThatOccursOnce(t *testing.T) {
	for _, m := range mutations {
		_ = m.apply(t)
	}
}

func TestEveryMutationIsFoundByATest(t *testing.T) {
	if !*long {
		t.Skip("each mutation takes seconds to compile: run with -long")
	}
	for _, m := range mutations {
		t.Run(strings.TrimSpace(m.file+" "+m.old+" to "+m.with), func(t *testing.T) {
			t.Parallel()
			output := testWithout(t, m, m.apply(t))
			assert.Contains(t, output, "--- FAIL", "no test fails")
		})
	}
}

// apply returns the source of the file with the fault.
func (m mutation) apply(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile(m.file)
	require.NoError(t, err)
	assert.Equal(t, 1, strings.Count(string(source), m.old), "%s must contain this text once: %s", m.file, m.old)
	return strings.Replace(string(source), m.old, m.with, 1)
}

// testWithout runs the tests of a package with another source of one file. It returns their
// output. The file itself does not change.
func testWithout(t *testing.T, m mutation, source string) string {
	t.Helper()
	dir := t.TempDir()
	file, err := filepath.Abs(m.file)
	require.NoError(t, err)
	mutated, overlay := filepath.Join(dir, "mutated.go"), filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(mutated, []byte(source), 0o600))
	text, err := json.Marshal(map[string]any{"Replace": map[string]string{file: mutated}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(overlay, text, 0o600))
	args := []string{"test", "-overlay", overlay, "-vet=off", "-failfast", "-ldflags=-s -w", "-timeout=60s"}
	run := func(args ...string) string {
		// The error is the exit status, which the output explains.
		output, _ := exec.CommandContext(context.WithoutCancel(t.Context()), "go", args...).CombinedOutput()
		require.NotContains(t, string(output), "[build failed]")
		require.NotContains(t, string(output), "[setup failed]")
		return string(output)
	}
	of := filepath.Dir(m.file)
	if of != "." {
		return run(append(args, "-run=Secret|Error|Redact|Excerpt|Mask|Body", of)...)
	}
	args = append(args, "-run=^Test|^Fuzz")
	if output := run(append(slices.Clip(args), "-skip="+slow, of)...); strings.Contains(output, "--- FAIL") {
		return output
	}
	return run(append(args, of)...)
}

// slow matches the tests that take nearly all of the time of the package. Others find most
// mutations.
const slow = "TheTime|AddedOneByOne|OneOfMany|DataExactly|LongToken"
