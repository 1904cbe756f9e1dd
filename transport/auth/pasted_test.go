package auth_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
)

const pastedKey = "key-0123456789"

// ends are what a paste adds to a key: line ends, white space, a byte order mark, and
// characters that cannot be seen.
var ends = [][2]string{
	{"", "\n"}, {"", "\r\n"}, {"\n", ""}, {" ", " "}, {"\t", "\t\n"}, {"\ufeff", ""}, {"", "\u200b"}, {"\u00a0", "\u00a0"}, {"\u2028", "\u200e"},
}

func TestAKeyIsTrimmed(t *testing.T) {
	for _, end := range ends {
		key := end[0] + pastedKey + end[1]
		for _, tt := range []struct {
			auth transport.Auth
			want string
		}{
			{auth.Bearer(key), "Bearer " + pastedKey},
			{auth.HeaderKey("Authorization", key), pastedKey},
			{auth.HeaderKey("Authorization", "Token "+key), "Token " + pastedKey},
			{auth.HeaderKey("Authorization", "Zoho-oauthtoken "+key), "Zoho-oauthtoken " + pastedKey},
			{auth.FirstOf(auth.Bearer(end[0]+end[1]), auth.HeaderKey("X", end[0]+end[1]), auth.Bearer(key)), "Bearer " + pastedKey},
		} {
			header, err := sentHeader(t, tt.auth)
			require.NoError(t, err)
			assert.Equal(t, tt.want, header.Get("Authorization"), "%q", end)
		}
		var query, user string
		c := transporttest.InMemory(t, func(_ http.ResponseWriter, r *http.Request) { query = r.URL.RawQuery }, transport.WithAuth(auth.QueryKey("k", key)))
		_, err := c.Do(ctx, transport.Request{})
		require.NoError(t, err)
		assert.Equal(t, "k="+pastedKey, query)
		c = transporttest.InMemory(t, func(_ http.ResponseWriter, r *http.Request) { user, _, _ = r.BasicAuth() }, transport.WithAuth(auth.Basic(key, "")))
		_, err = c.Do(ctx, transport.Request{})
		require.NoError(t, err)
		assert.Equal(t, pastedKey, user)
	}
}

// A password may begin or end with a space.
func TestAPasswordIsSentWithItsSpacesAndWithoutItsLineEnds(t *testing.T) {
	for password, want := range map[string]string{
		"pa ss": "pa ss", " pass ": " pass ", "pass\n": "pass", "\r\n pass\r\n": " pass", "pässwörd…": "pässwörd…", "\ufeffpass": "pass", "a:b": "a:b",
	} {
		var got string
		c := transporttest.InMemory(t, func(_ http.ResponseWriter, r *http.Request) { _, got, _ = r.BasicAuth() }, transport.WithAuth(auth.Basic("user", password)))
		_, err := c.Do(ctx, transport.Request{})
		require.NoError(t, err)
		assert.Equal(t, want, got, "%q", password)
	}
}

func TestACredentialThatCannotBeSentIsAConfigurationErrorAtOnce(t *testing.T) {
	for inside, want := range map[string]string{
		"\n": "a line break at position 5 of 15", "\r\n": "a line break", "\t": "a tab at position 5", "\x00": "a control character (U+0000)",
		"\x7f": "a control character (U+007F)", "…": "a character that is not in ASCII (U+2026)", "“": "(U+201C)", "\u00a0": "a space that is not in ASCII (U+00A0)",
		"\u200b": "an invisible character (U+200B)", "\ufeff": "an invisible character (U+FEFF)", "\xff": "not valid UTF-8",
	} {
		key := pastedKey[:4] + inside + pastedKey[4:]
		custom := func(r *http.Request) error {
			r.Header.Set("X-Api-Key", key)
			return nil
		}
		all := map[string]transport.Auth{
			"bearer": auth.Bearer(key), "header": auth.HeaderKey("X-Api-Key", key), "word": auth.HeaderKey("Authorization", "Token "+key),
		}
		if control := inside[0] < ' ' && inside != "\t" || inside == "\x7f"; control { // what a header cannot contain
			for name, a := range map[string]transport.Auth{"user": auth.Basic(key, "x"), "password": auth.Basic("x", key),
				"function": auth.Func(custom), "signature": auth.Sign(func(r *http.Request, _ []byte) error { return custom(r) }, key)} {
				all[name] = a
			}
		}
		for name, a := range all {
			header, err := sentHeader(t, a)
			e := transporttest.AsError(t, err)
			assert.True(t, e.Configuration(), name)
			assert.Equal(t, 1, e.Attempts)
			assert.Nil(t, header, "no request is sent")
			if name == "bearer" || name == "header" {
				assert.ErrorContains(t, err, want)
			}
			assert.NotContains(t, err.Error(), pastedKey[:4])
			assert.NotContains(t, err.Error(), pastedKey[4:])
		}
	}
}

func TestAQueryKeyMayHaveAnyCharacter(t *testing.T) {
	var got string
	c := transporttest.Serve(t, func(_ http.ResponseWriter, r *http.Request) { got = r.URL.Query().Get("k") }, transport.WithAuth(auth.QueryKey("k", "a\nb ü&=\x00…;+%")))
	_, err := c.Do(ctx, transport.Request{})
	require.NoError(t, err)
	assert.Equal(t, "a\nb ü&=\x00…;+%", got)
}

func TestAHeaderKeyWithAWordAndNoKeyIsNotConfigured(t *testing.T) {
	for _, value := range []string{"Token ", "Token  ", "Token \n", " Token ", "", "\n"} {
		_, err := sentHeader(t, auth.HeaderKey("Authorization", value))
		assert.ErrorContains(t, err, "the API key is empty", "%q", value)
	}
}

func TestAHeaderNameThatIsNotValidIsADefectAtOnce(t *testing.T) {
	_, err := sentHeader(t, auth.HeaderKey("X Api Key", pastedKey))
	assert.ErrorContains(t, err, `"X Api Key" is not a valid name`)
	assert.Equal(t, "defect", transporttest.KindOf(transporttest.AsError(t, err)))
	assert.Equal(t, 1, transporttest.AsError(t, err).Attempts)
}

func TestAKeyInPlaceOfTheTokenURLIsNotRepeated(t *testing.T) {
	const key = "sk_live_51Hq8ZkLmN0pQrStUvWxYz"
	for _, tokenURL := range []string{key, "https://" + key, "https://" + key + ":8080/token", "https://api.example.com:" + key, key + "://host"} {
		_, err := sentHeader(t, auth.OAuth2(auth.OAuth2Config{TokenURL: tokenURL, ClientID: "id", ClientSecret: "secret-0123456789"}))
		require.ErrorContains(t, err, "the token URL ", tokenURL)
		assert.NotContains(t, err.Error(), key[:9], tokenURL)
	}
}
