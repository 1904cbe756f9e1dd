package connectortest

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The runtime and the suite search with package redact. What it overlooks, the suite must
// find by itself.
func TestUsualSpellingsAreFoundWithoutPackageRedact(t *testing.T) {
	const secret = `p&ss/word"1234567890`
	f := emptySecretFinder()
	f.add("key", secret)
	f.set = nil
	for form, text := range map[string]string{
		"plain": secret, "JSON": `p\u0026ss/word\"1234567890`, "URL": url.QueryEscape(secret), "hex": hex.EncodeToString([]byte(secret)),
		"base64": base64.StdEncoding.EncodeToString([]byte("me:" + secret + "!")), "pieces": "p&ss/wor + d1234 + 567890",
		"a folded line of mail": "p&ss/wo= \r\nrd\"1234567890", "a folded line of mail that is flat": "p&ss/wo=  rd\"1234567890",
	} {
		assert.True(t, strings.HasPrefix(f.find("é: "+text), "key"), form)
		assert.Equal(t, form != "pieces", f.findInData(text) != "", form)
		assert.NotContains(t, textBefore(f, "using "+text), "p&ss", form)
	}
	assert.Empty(t, f.find("é: using p&ss"))
}
