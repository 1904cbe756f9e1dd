package auth_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
	"github.com/penstock-sdk/penstock/transport/retry"
)

// rsaKey returns the key of all tests, because making a key takes long.
var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// privateKey returns rsaKey in PEM.
func privateKey() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(rsaKey())}))
}

func TestAnAssertionIsExchangedOnceForAllRequests(t *testing.T) {
	url, calls := tokenServer(t, func(f map[string]string) (int, string) {
		assert.Equal(t, "urn:ietf:params:oauth:grant-type:jwt-bearer", f["grant_type"])
		assert.Len(t, strings.Split(f["assertion"], "."), 3)
		return 200, `{"access_token":"a","token_type":"Bearer","expires_in":3600}`
	})
	c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer a" {
			w.WriteHeader(403)
		}
	}, transport.WithAuth(auth.JWTBearer(auth.JWTConfig{TokenURL: url, Issuer: "svc@example.com", PrivateKey: privateKey()})))
	for range 3 {
		_, err := c.Do(ctx, transport.Request{})
		require.NoError(t, err)
	}
	assert.EqualValues(t, 1, calls.Load())
}

// inPEM returns a block in PEM.
func inPEM(label string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}))
}

// pkcs8 returns a private key in PEM.
func pkcs8(t testing.TB, key any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	return inPEM("PRIVATE KEY", der)
}

// withKey makes a request of a client that has a private key.
func withKey(t testing.TB, key string) error {
	t.Helper()
	client := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			verifyAssertion(t, r.PostFormValue("assertion"))
			_, _ = io.WriteString(w, `{"access_token":"tok-1","token_type":"Bearer","expires_in":3600}`)
		}
	}, transport.WithRetry(retry.Policy{Base: time.Millisecond}),
		transport.WithAuth(auth.JWTBearer(auth.JWTConfig{TokenURL: tokenURL, Issuer: "robot@example.test", PrivateKey: key,
			KeyID: "k1", Subject: "user@example.test", Scopes: []string{"a", "b"}})))
	_, err := client.Do(ctx, transport.Request{})
	return err
}

// verifyAssertion checks an assertion and its signature (RFC 7523 §3, RFC 7515 §3.1).
func verifyAssertion(t testing.TB, assertion string) {
	t.Helper()
	parts := strings.Split(assertion, ".")
	require.Len(t, parts, 3)
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	assert.NoError(t, err)
	assert.NoError(t, rsa.VerifyPKCS1v15(&rsaKey().PublicKey, crypto.SHA256, sum[:], signature))
	header, err := base64.RawURLEncoding.DecodeString(parts[0])
	assert.NoError(t, err)
	assert.JSONEq(t, `{"alg":"RS256","typ":"JWT","kid":"k1"}`, string(header))
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	assert.NoError(t, err)
	var claims struct {
		Iss, Aud, Sub, Scope string
		Exp, Iat             int64
	}
	assert.NoError(t, json.Unmarshal(text, &claims))
	assert.Equal(t, "robot@example.test "+tokenURL+" user@example.test a b", strings.Join([]string{claims.Iss, claims.Aud, claims.Sub, claims.Scope}, " "))
	assert.InDelta(t, time.Now().Unix(), claims.Iat, 60)
	assert.EqualValues(t, 3600, claims.Exp-claims.Iat)
}

// withoutLine returns a text without its line n.
func withoutLine(text string, n int) string {
	return strings.Join(slices.Delete(strings.Split(text, "\n"), n, n+1), "\n")
}

// Single-line forms and environment variables change the line breaks of a key.
func TestAPrivateKeyIsUsedHoweverItIsPasted(t *testing.T) {
	key := pkcs8(t, rsaKey())
	breaks := func(by string) string { return strings.ReplaceAll(key, "\n", by) }
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	ecDER, err := x509.MarshalECPrivateKey(ecKey)
	require.NoError(t, err)
	body := strings.Join(strings.Split(strings.TrimSpace(key), "\n")[1:], "\n")
	body = body[:strings.Index(body, "-----")]
	for name, text := range map[string]string{
		"PKCS #8":                       key,
		"PKCS #1":                       privateKey(),
		"PKCS #1, line breaks as \\n":   strings.ReplaceAll(privateKey(), "\n", `\n`),
		`line breaks as \n`:             breaks(`\n`),
		`line breaks as \\n`:            breaks(`\\n`),
		`line breaks as \r\n`:           breaks(`\r\n`),
		"line breaks as spaces":         breaks(" "),
		"line breaks as several spaces": breaks("   "),
		"line breaks as tabs":           breaks("\t"),
		"line breaks as CRLF":           breaks("\r\n"),
		"line breaks as CR":             breaks("\r"),
		"no line breaks":                breaks(""),
		"empty lines":                   breaks("\n\n"),
		"indented":                      "  " + breaks("\n  "),
		"no-break spaces":               breaks("\u00a0"),
		"no final line break":           strings.TrimSpace(key),
		"in double quotes":              `"` + breaks(`\n`) + `"`,
		"in single quotes":              "'" + key + "'",
		"in quotes, with a comma":       `"` + breaks(`\n`) + `",`,
		"as JSON with escaped slashes":  strings.ReplaceAll(breaks(`\n`), "/", `\/`),
		"a byte-order mark":             "\ufeff" + key,
		"text after it":                 key + "\nissued to robot@example.test",
		"text before it":                "Bag Attributes\n    friendlyName: robot\nKey Attributes: <No Attributes>\n" + key,
		"a certificate before it":       inPEM("CERTIFICATE", []byte("certificate")) + key,
		"only the lines inside":         body,
		"on one line without markers":   strings.ReplaceAll(body, "\n", ""),
		"a line of a JSON file":         `"private_key": "` + breaks(`\n`) + `",`,
		"base64 of the whole key":       base64.StdEncoding.EncodeToString([]byte(key)),
		"three dashes":                  strings.ReplaceAll(key, "-----", "---"),
		"long dashes":                   strings.ReplaceAll(key, "-----", "——-"),
		"spaces between the dashes":     strings.NewReplacer("-----B", "----- B", "-----E", "----- E", "Y-----", "Y -----").Replace(key),
		"without padding":               strings.ReplaceAll(key, "=", ""),
	} {
		t.Run(name, func(t *testing.T) { require.NoError(t, withKey(t, text)) })
	}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	for name, test := range map[string]struct{ key, text string }{
		"not a key":                   {"not a key", "it is not PEM: want an RSA key in PEM, from the line -----BEGIN PRIVATE KEY-----"},
		"base64 of other bytes":       {"AAAABBBBCCCC", "it is not PEM"},
		"a URL":                       {"https://example.com/key.pem", "it is not PEM"},
		"a path":                      {"/etc/keys/robot.pem", "it is not PEM"},
		"a labelled public key":       {strings.ReplaceAll(key, "PRIVATE", "PUBLIC"), "it is a public key"},
		"a certificate":               {inPEM("CERTIFICATE", []byte("certificate")), "it is a certificate"},
		"a service account":           {`{"type":"service_account","private_key":"` + breaks(`\n`) + `"}`, `it is a whole JSON file: enter only the value of its member "private_key"`},
		"base64 of a service account": {base64.StdEncoding.EncodeToString([]byte(`{"private_key":"x"}`)), "it is a whole JSON file"},
		"an EC key":                   {pkcs8(t, ecKey), "it is an elliptic-curve key, but RS256 requires an RSA key"},
		"an EC key in SEC 1":          {inPEM("EC PARAMETERS", []byte("p")) + inPEM("EC PRIVATE KEY", ecDER), "it is an elliptic-curve key"},
		"an Ed25519 key":              {pkcs8(t, edKey), "it is not an RSA key"},
		"an encrypted key":            {inPEM("ENCRYPTED PRIVATE KEY", []byte("x")), "it is encrypted with a passphrase"},
		"an old encrypted key":        {strings.Replace(privateKey(), "-----\n", "-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n", 1), "it is encrypted with a passphrase"},
		"an OpenSSH key":              {inPEM("OPENSSH PRIVATE KEY", []byte("x")), "it has the format of OpenSSH"},
		"a key without its end":       {key[:len(key)/2], "its end is missing"},
		"a key with a hole":           {key[:200] + key[300:], "copy the whole key again"},
		"a key cut in base64":         {key[:len(key)/2/4*4] + "\n-----END PRIVATE KEY-----", "the private key"},
		"a key without a line":        {withoutLine(key, 5), "its content is not a private key"},
		"a damaged key":               {strings.Replace(key, "M", "*", 1), "the text after its line -----BEGIN PRIVATE KEY----- is damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			err := withKey(t, test.key)
			assert.ErrorContains(t, err, "the private key cannot be read: ")
			assert.ErrorContains(t, err, test.text)
			assert.True(t, transporttest.AsError(t, err).Configuration(), "not a configuration error: %v", err)
			for line := range strings.Lines(test.key) {
				if line = strings.TrimSpace(line); len(line) > 40 {
					assert.NotContains(t, err.Error(), line)
				}
			}
		})
	}
	assert.ErrorContains(t, withKey(t, " \n"), "the issuer or private key is empty")
}

func TestAPrivateKeyIsHiddenInEachOfItsSpellings(t *testing.T) {
	key := pkcs8(t, rsaKey())
	lines := strings.Split(strings.TrimSpace(key), "\n")
	for _, configured := range []string{key, strings.ReplaceAll(key, "\n", `\n`), strings.ReplaceAll(key, "\n", " ")} {
		for name, leak := range map[string]string{
			"as configured": configured, "with line breaks": key, `with \n`: strings.ReplaceAll(key, "\n", `\n`),
			"on one line": strings.Join(lines, " "), "a line of it": "line 3 is " + lines[2],
		} {
			client := transporttest.InMemory(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusBadRequest)
				text, err := json.Marshal(leak)
				assert.NoError(t, err)
				fmt.Fprintf(w, `{"error":"invalid_request","error_description":%s}`, text)
			}, transport.WithAuth(auth.JWTBearer(auth.JWTConfig{TokenURL: tokenURL, Issuer: "i", PrivateKey: configured})))
			_, err := client.Do(ctx, transport.Request{})
			assert.ErrorContains(t, err, "invalid_request: ")
			assert.NotContains(t, err.Error(), lines[2][:20], name)
		}
	}
}

// A source may repeat the assertion, with which anyone can obtain a token.
func TestAnAssertionThatTheTokenEndpointRepeatsIsHidden(t *testing.T) {
	client := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"error":"invalid_grant","error_description":%q}`, "bad "+r.PostFormValue("assertion"))
	}, transport.WithAuth(auth.JWTBearer(auth.JWTConfig{TokenURL: tokenURL, Issuer: "i", PrivateKey: privateKey()})))
	_, err := client.Do(ctx, transport.Request{})
	assert.ErrorContains(t, err, "invalid_grant: bad [redacted]: the source does not accept the assertion: check the issuer")
	assert.True(t, transporttest.AsError(t, err).Configuration())
}
