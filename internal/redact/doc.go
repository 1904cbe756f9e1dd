// Package redact finds secrets in text and in JSON data, in the spellings that programs give
// them, and replaces them with [Mask]. The runtime, package transport, the recorder of
// requests, the test suite and the penstock tool use it, so that a spelling that one of them
// recognizes is recognized by all.
//
// It recognizes a secret
//
//   - in plain text, also if white space in it was changed or removed;
//   - with the escapes of JSON, Go, Python and similar languages (\/, \", \u0026, \x26,
//     \046), of HTML and XML (&lt;, &#60;, &#x3c;), and of URLs (%2f, %2F, + for a space), in
//     any combination and up to eight levels deep, such as JSON within JSON;
//   - with doubled quotes (SQL, CSV), with the quotes of a shell, with %u00e9 of JavaScript, as
//     quoted-printable text, also in several lines and in lines that became one, and as UTF-8
//     that was read as Latin-1;
//   - in base64, with both alphabets and at each offset within longer text, also if the
//     secret was escaped first, as in a base64 text that contains JSON. The escapes of
//     libraries other than those of Go are recognized there in secrets of up to 1,024 bytes;
//   - in hexadecimal digits, and as the bytes that package fmt, Python and encoders of JSON
//     print;
//   - if a text that is meant for people contains 16 or more of its bytes, or 9 or more
//     where the text was cut: at its start, at its end, next to an ellipsis, or by package
//     net/url, which takes a part for a port ([Set.Uncut] does without all of them).
//
// The parts of a secret that are secret by themselves count as secrets: the lines of a PEM
// block, the private key in the JSON of a service account, the password in a URL or in
// another connection string.
//
// Chance sets limits. A secret of fewer than 4 bytes is masked only as a separate word of a
// text, and one of fewer than 6 bytes is not recognized in base64 and hexadecimal digits. One
// of fewer than 8 bytes is not looked for in data, where a match is more likely to be data.
// The digits of JSON numbers are not changed. A part of 512 bytes or more of a long secret that
// repeats itself is masked in text for people even if the part is not secret by itself,
// because there is no time to tell.
//
//	secrets := redact.New([]string{`p&ss"word-1234`})
//	secrets.Text(`GET /?key=p%26ss%22word-1234`) // GET /?key=[redacted]
package redact

// Mask replaces a secret.
const Mask = "[redacted]"

const (
	// minText is the length in bytes of the shortest secret that is masked within words.
	minText = 4
	// minEncoded is the length in bytes of the shortest secret that is looked for in
	// base64 and in digits, and the smallest number of characters of base64.
	minEncoded = 6
	// minData is the length in bytes of the shortest secret that is looked for in data.
	minData = 8
	// minCut is the length in bytes of the shortest part of a secret that is masked where
	// a text was cut.
	minCut = 9
	// minPart is the length in bytes of the shortest part of a secret that is masked
	// anywhere in a text.
	minPart = 16
)
