package config_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// formatExamples holds text that has a format and text that does not. Many examples are
// those of the RFC that defines the format.
var formatExamples = map[string]struct{ good, bad []string }{
	"date-time": {
		[]string{"1985-04-12T23:20:50.52Z", "1996-12-19T16:39:57-08:00", "1990-12-31T23:59:60Z", "1990-12-31T15:59:60-08:00", "1937-01-01T12:00:27.87+00:20", "1990-12-31t23:59:59z", "0000-01-01T00:00:00Z"},
		[]string{"1990-02-31T15:59:59Z", "1990-12-31T15:59:60-09:00", "1990-12-31T23:58:60Z", "1990-12-31 23:59:59Z", "1990-12-31T23:59:59", "1990-12-31T24:00:00Z", "06/19/1963 08:30:06 PST", "2013-350T01:01:01", "1990-12-31T+3:59:59Z", "1990-12-31T10:00:00.Z"},
	},
	"date": {[]string{"1963-06-19", "2020-02-29"}, []string{"2021-02-29", "2020-13-01", "2020-1-1", "10000-01-01", "2020-W01-1", "20200101", ""}},
	"time": {
		[]string{"08:30:06Z", "08:30:06.283185Z", "08:30:06z", "23:59:60Z", "23:29:60+23:30", "00:29:60+00:30", "15:59:60-08:00", "08:30:06-08:00"},
		[]string{"08:30:06", "8:30:06Z", "22:59:60Z", "23:59:60+01:00", "24:00:00Z", "00:60:00Z", "00:00:61Z", "08:30:06+24:00", "08:30:06+00:60", "08:30:06 PST", "08:30:06-8:00", "08:30:06.Z", "-0:00:00Z", "01:01:01,1Z"},
	},
	"duration": {
		[]string{"P4DT12H30M5S", "P4Y", "PT0S", "P0D", "P1M", "PT1M", "PT36H", "P1DT12H", "P2W", "P1Y1D"},
		[]string{"PT1D", "4DT12H30M5S", "P", "P1YT", "PT", "P2D1Y", "P1D2H", "P2S", "P1", "P1Y2W", "P1.5D", "-P1D", "PT1H1H", "p1d"},
	},
	"period": {
		[]string{"2007-11-13T09:00:00Z/2007-11-15T17:00:00Z", "2007-11-13T09:00:00Z/P2D", "PT1H/2007-11-15T17:00:00Z"},
		[]string{"P1D/P1D", "2007-11-13T09:00:00Z", "2007-11-13T09:00:00Z/", "/P1D", "2007-11-13/2007-11-14", "P/2007-11-15T17:00:00Z"},
	},
	"email": {
		[]string{"joe.bloggs@example.com", "te~st+x@example.com", `"joe bloggs"@example.com`, `"joe..bloggs@"@example.com`, "joe@[127.0.0.1]", "joe@[IPv6:::1]", strings.Repeat("a", 64) + "@x.com"},
		[]string{"2962", "@example.com", ".test@example.com", "test.@example.com", "te..st@example.com", "joe@=example.com", "joe@[127.0.0.300]", "joe@[IPv6:zz]", "joe@", `"a"b"@example.com`, "é@example.com", strings.Repeat("a", 65) + "@x.com", "Joe <joe@example.com>"},
	},
	"hostname": {
		[]string{"www.example.com", "xn--4gbwdl.xn--wgbh1c", "localhost", "1.2.3", "EXAMPLE.com.", "a-b.c", strings.Repeat("a", 63) + ".b", strings.Repeat("a.", 126) + "a"},
		[]string{"-a-host-name", "not_a_valid_host_name", "a-.b", "", ".", "a..b", "a.b..", strings.Repeat("a", 64), strings.Repeat("a.", 126) + "ab", "é.com", "a:80"},
	},
	"ipv4": {[]string{"192.168.0.1", "0.0.0.0", "255.255.255.255"}, []string{"127.0.0.0.1", "256.0.0.1", "127.0", "0x7f000001", "087.10.0.1", "+1.2.3.4", "192.168.1.0/24", "1.2.3.4\n", "::1", ""}},
	"ipv6": {
		[]string{"::1", "::abef", "::", "::42:ff:1", "1:2:3:4:5:6:7:8", "1::d6:192.168.0.1", "::ffff:192.168.0.1"},
		[]string{"12345::", "1:1:1:1:1:1:1:1:1", "::laptop", "1:2:3:4:5:6:7:", ":2:3:4:5:6:7:8", "1::d6::42", "1:2::192.168.256.1", "fe80::a%eth1", "192.168.0.1", "[::1]", ""},
	},
	"uri": {
		[]string{"http://foo.bar/?baz=qux#quux", "ftp://ftp.is.co.za/rfc/rfc1808.txt", "ldap://[2001:db8::7]/c=GB?objectClass?one", "mailto:John.Doe@example.com", "news:comp.infosystems.www.servers.unix", "tel:+1-816-555-1212", "urn:oasis:names:specification:docbook:dtd:xml:4.1.2", "http://x:1/"},
		[]string{"//foo.bar/?baz=qux", "/abc", "abc", `\\WINDOWS\fileshare`, "http:// shouldfail.com", ":// should fail", "http://2001:db8::7/", "http://[::zz]/", "http://x/%zz", "1bar:foo", ""},
	},
	"uri-reference": {[]string{"http://foo.bar/?baz=qux#quux", "//foo.bar/", "/abc", "abc", "#fragment", ""}, []string{`\\WINDOWS\fileshare`, `#frag\ment`, "http://[::1/", "1:b"}},
	"iri":           {[]string{"http://ƒøø.ßår/?∂éœ=πîx#πîüx", "http://[2001:db8::7]"}, []string{"/abc", "âππ", "http://2001:db8::7"}},
	"iri-reference": {[]string{"âππ", "#ƒrägmênt"}, []string{`#ƒräg\mênt`}},
	"uri-template": {
		[]string{"http://example.com/dictionary/{term:1}/{term}", "http://example.com/dictionary", "dictionary/{term:1}/{term}", "/{a}{b}", ""},
		[]string{"http://example.com/dictionary/{term:1}/{term", "/a}b{", "/{a{b}}", "/{a/b}", "%zz"},
	},
	"uuid":                  {[]string{"2eb8aa08-aa98-11ea-b4aa-73b441d16380", "2EB8AA08-AA98-11EA-B4AA-73B441D16380", "00000000-0000-0000-0000-000000000000"}, []string{"2eb8aa08-aa98-11ea-b4aa-73b441d1638", "2eb8aa08aa9811eab4aa73b441d16380", "2eb8aa08-aa98-11ea-b4ga-73b441d16380", "{2eb8aa08-aa98-11ea-b4aa-73b441d16380}", ""}},
	"json-pointer":          {[]string{"", "/", "/foo/0", "/a~1b", "/c%d", "/m~0n", "/~01", "//", "/\n"}, []string{"a", "#/a", "/~", "/~2", "/a~/b", "0"}},
	"relative-json-pointer": {[]string{"0", "1/0", "2/highly/nested/objects", "0#", "120/a~1b"}, []string{"", "/foo", "-1/a", "+1/a", "0##", "01/a", "0a", "1/~"}},
	"regex":                 {[]string{"", "([abc])+\\s+$"}, []string{"^(abc]", "[a-", "(?=a)"}},
	"semver":                {[]string{"1.0.0", "1.0.0-alpha.1", "1.0.0-0.3.7", "1.0.0-x-y-z.--", "1.0.0+20130313144700", "1.0.0-beta+exp.sha.5114f85", "1.0.0-0a", "1.0.0+001"}, []string{"1", "1.2", "01.1.1", "1.0.0-01", "1.0.0-", "1.0.0+", "1.0.0-a..b", "1.0.0+a+b", "v1.0.0", "1.0.0-é", ""}},
	"idn-email":             {[]string{"실례@실례.테스트", "anything"}, nil},
	"idn-hostname":          {[]string{"실례.테스트", "anything"}, nil},
	"password":              {[]string{"anything"}, nil},
}

// hasFormat reports whether text is accepted as a format.
func hasFormat(t testing.TB, format, text string) bool {
	t.Helper()
	quoted, err := json.Marshal([]string{text})
	require.NoError(t, err)
	problems := problemsOf(t, ruledBy(t, `{"items":{"format":"`+format+`"}}`), string(quoted))
	if problems != "" {
		assert.Equal(t, "value.0: want a valid "+format, problems)
	}
	return problems == ""
}

func TestTextOfAFormatIsChecked(t *testing.T) {
	for format, examples := range formatExamples {
		t.Run(format, func(t *testing.T) {
			for _, text := range examples.good {
				assert.True(t, hasFormat(t, format, text), "%q is a valid %s", text, format)
			}
			for _, text := range examples.bad {
				assert.False(t, hasFormat(t, format, text), "%q is not a valid %s", text, format)
			}
		})
	}
	assert.Empty(t, problemsOf(t, ruledBy(t, `{"format":"date"}`), `1`), "a format is that of text")
}
