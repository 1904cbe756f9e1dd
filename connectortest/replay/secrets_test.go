package replay_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connectortest/replay"
)

// exchanges records requests to an API without a server, so that a host may have any name.
// It returns the path and the text of the file.
func exchanges(t *testing.T, api answers, use func(network http.RoundTripper), options ...replay.Option) (path, text string) {
	t.Helper()
	path, _, text = recorded(t, nil, func(n http.RoundTripper, _ string) { use(n) }, append(options, replay.Network(api))...)
	return path, text
}

func answer(body string, header ...string) answers {
	return func(r *http.Request) *http.Response {
		resp := &http.Response{Status: "200 OK", StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}
		for i := 0; i < len(header); i += 2 {
			resp.Header[header[i]] = append(resp.Header[header[i]], header[i+1])
		}
		return resp
	}
}

// keys are secrets that differ in length, in their characters, and in the characters of
// their base64.
var keys = []string{"the-real-key-0123456789", `k?>~"y\/&+= é<1>`, "0123456789abcdef0123456789abcdef", "7777777777"}

func TestARequestIsRecordedTheSameWithEverySecret(t *testing.T) {
	const form = "application/x-www-form-urlencoded"
	for name, ask := range map[string]func(n http.RoundTripper, key string){
		"path": func(n http.RoundTripper, key string) { do(t, n, "GET", "https://h/a/"+url.PathEscape(key)+"/b", "") },
		"query": func(n http.RoundTripper, key string) {
			do(t, n, "GET", "https://h/?a="+url.QueryEscape(key)+"x&b=1", "")
		},
		"name of a parameter": func(n http.RoundTripper, key string) { do(t, n, "GET", "https://h/?"+url.QueryEscape(key)+"=1", "") },
		"URL in a query": func(n http.RoundTripper, key string) {
			do(t, n, "GET", "https://h/?u="+url.QueryEscape("https://x/?q="+url.QueryEscape(key)), "")
		},
		"JSON": func(n http.RoundTripper, key string) {
			do(t, n, "POST", "https://h/", `{"a":["x`+quoted(key)[1:]+`],"b":1}`)
		},
		"name in JSON": func(n http.RoundTripper, key string) { do(t, n, "POST", "https://h/", `{`+quoted(key)+`:1,"b":1}`) },
		"escapes of JSON": func(n http.RoundTripper, key string) {
			do(t, n, "POST", "https://h/", `{"a":"`+each(key, `\u%04x`)+`"}`)
		},
		"JSON in JSON": func(n http.RoundTripper, key string) {
			do(t, n, "POST", "https://h/", `{"a":`+quoted(`{"b":`+quoted(key)+`}`)+`}`)
		},
		"JSON in a form": func(n http.RoundTripper, key string) {
			do(t, n, "POST", "https://h/", "a="+url.QueryEscape(`{"b":`+quoted(key)+`}`), "Content-Type", form)
		},
		"form": func(n http.RoundTripper, key string) {
			do(t, n, "POST", "https://h/", "a="+url.QueryEscape(key)+"&b=2", "Content-Type", form)
		},
		"text": func(n http.RoundTripper, key string) {
			do(t, n, "POST", "https://h/", "<a>"+key+"</a>", "Content-Type", "text/xml")
		},
		"binary": func(n http.RoundTripper, key string) { do(t, n, "POST", "https://h/", "\x00\xff"+key+"\xfe\x80") },
		"base64 in JSON": func(n http.RoundTripper, key string) {
			do(t, n, "POST", "https://h/", `{"a":"`+encoded("user~~?:"+key+":~~?>more")+`"}`)
		},
		"base64 with slashes": func(n http.RoundTripper, key string) {
			do(t, n, "POST", "https://h/", `{"a":"`+strings.ReplaceAll(encoded("???"+key+"???"), "/", `\/`)+`"}`)
		},
		"base64 in a query": func(n http.RoundTripper, key string) {
			do(t, n, "GET", "https://h/?a="+url.QueryEscape(encoded("u?~:"+key+"?~>")), "")
		},
		"base64 in a form": func(n http.RoundTripper, key string) {
			do(t, n, "POST", "https://h/", "a="+url.QueryEscape(encoded(`{"k":`+quoted(key)+`}`)), "Content-Type", form)
		},
		"base64 of URLs": func(n http.RoundTripper, key string) {
			do(t, n, "GET", "https://h/"+base64.RawURLEncoding.EncodeToString([]byte(key))+"/x", "")
		},
		"hex": func(n http.RoundTripper, key string) {
			do(t, n, "GET", "https://h/?a="+hex.EncodeToString([]byte(key)), "")
		},
		"secret name of a URL": func(n http.RoundTripper, key string) { do(t, n, "GET", "https://h/?api_key="+url.QueryEscape(key), "") },
	} {
		t.Run(name, func(t *testing.T) {
			for _, key := range keys {
				path, file := exchanges(t, answer("ok"), func(n http.RoundTripper) { ask(n, key) }, replay.Scrub(key))
				assert.NotContains(t, file, key)
				for _, other := range keys {
					assert.Empty(t, during(path, func(_ *fakeTB, n http.RoundTripper) { ask(n, other) }, replay.Scrub(other), replay.Strict()), "%s recorded, %s replayed", key, other)
				}
			}
		})
	}
}

// The first piece of such base64 decodes to the start of the secret.
func TestBase64ThatIsEscapedOrInLinesIsMaskedWhole(t *testing.T) {
	const marks = "!#$%&()*+,-./:;<=>?@[]^_`{|}~94FHdZ"
	long := "-----BEGIN KEY-----\n" + strings.Repeat("MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n", 6) + "-----END KEY-----\n"
	lines := regexp.MustCompile(".{76}").ReplaceAllString(encoded(long), "$0\r\n")
	for _, c := range []struct{ secret, text, rest string }{
		{marks, "see https://api.example.com/" + url.QueryEscape(encoded(marks)) + "/me", encoded(marks)[28:]},
		{long, "the key is\n" + lines, lines[len(lines)-40:]},
		{long, `{"key":` + strconv.Quote(lines) + `}`, lines[len(lines)-40:]},
	} {
		_, file := exchanges(t, answer(c.text), func(n http.RoundTripper) { do(t, n, "GET", "https://h/", "") }, replay.Scrub(c.secret))
		assert.NotContains(t, file, c.rest)
		assert.Contains(t, file, "[redacted]")
	}
}

// quoted returns a string of JSON.
func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string can be encoded
	}
	return string(b)
}

func encoded(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func each(s, format string) string {
	var b strings.Builder
	for _, r := range s {
		fmt.Fprintf(&b, format, r)
	}
	return b.String()
}

func TestASecretInTheNameOfAHostIsReplacedByAName(t *testing.T) {
	ask := func(n http.RoundTripper, key string) { do(t, n, "GET", "https://"+key+".example.com:8443/a", "") }
	path, file := exchanges(t, answer(`{"next":"https://key-0123456789.example.com:8443/a"}`, "Set-Cookie", "sid=1; Domain=key-0123456789.example.com"),
		func(n http.RoundTripper) { ask(n, "key-0123456789") }, replay.Scrub("key-0123456789"))
	assert.NotContains(t, file, "key-0123456789")
	assert.Contains(t, file, "https://redacted.example.com:8443/a")
	assert.Empty(t, during(path, func(_ *fakeTB, n http.RoundTripper) { ask(n, "another-key-01") }, replay.Scrub("another-key-01"), replay.Strict()))
}

func TestUserInformationAndFragmentsAreNotRecorded(t *testing.T) {
	const password, fragment = "pass-0123456789abcdef", "access-0123456789abcdef"
	ask := func(n http.RoundTripper) {
		do(t, n, "GET", "https://user:"+password+"@h/a#access_token="+fragment, "")
	}
	path, file := exchanges(t, answer("you sent "+password+"; see https://user:another-pass@h/", "Location", "https://h/b#access_token="+fragment), ask)
	assert.NotContains(t, file, password)
	assert.NotContains(t, file, fragment)
	assert.NotContains(t, file, "another-pass")
	assert.Contains(t, file, "see https://user:redacted@h/")
	assert.Empty(t, during(path, func(_ *fakeTB, n http.RoundTripper) { ask(n) }, replay.Strict()))
}

func TestAResponseContainsNoSecretInAnyOfItsParts(t *testing.T) {
	const key = "key-0123456789"
	header := []string{
		"Etag", `"` + encoded("v1:"+key) + `"`, "Link", "<https://h/?next=1&k=" + key + `>; rel="next"`, "Location", "https://h/" + hex.EncodeToString([]byte(key)),
		"X-" + key, "1", "Set-Cookie", key + "=1; Path=/" + key, "X-Json", `{"a":"\u006bey-0123456789"}`, "X-Cut", "no such key: key-0123456…",
	}
	api := answer("ok", header...)
	path, file := exchanges(t, func(r *http.Request) *http.Response {
		resp := api(r)
		resp.Status = "200 hello " + key
		resp.Trailer = http.Header{"X-Trailer": {key}}
		return resp
	}, func(n http.RoundTripper) { do(t, n, "GET", "https://h/", "") }, replay.Scrub(key))
	for _, form := range []string{key, "key-012", encoded("v1:" + key), hex.EncodeToString([]byte(key)), `\u006bey`} {
		assert.NotContains(t, file, form)
	}
	assert.Empty(t, during(path, func(_ *fakeTB, n http.RoundTripper) {
		resp, _ := do(t, n, "GET", "https://h/", "")
		assert.Equal(t, "200 hello [redacted]", resp.Status)
		assert.Equal(t, `<https://h/?next=1&k=[redacted]>; rel="next"`, resp.Header.Get("Link"))
		assert.Equal(t, "https://h/[redacted]", resp.Header.Get("Location"))
		assert.Equal(t, `"`+encoded("v1:[redacted]")+`"`, resp.Header.Get("Etag"))
		assert.Equal(t, []string{"[redacted]"}, resp.Header["X-Redacted"], "the name sounds secret")
		assert.Equal(t, "redacted", resp.Cookies()[0].Name)
		_, err := resp.Location()
		assert.NoError(t, err)
	}, replay.Scrub(key)))
}

func TestABodyStaysValidWithoutItsSecrets(t *testing.T) {
	const key = "1234567890"
	const token = "token-0123456789abcdef"
	for _, c := range []struct{ name, body, want string }{
		{"a number", `{"id":1234567890,"at":1.5,  "n":12345678901}`, `{"id":0,"at":1.5,  "n":0}`},
		{"lines of JSON", "{\"a\":\"1234567890\"}\r\n{\"a\":1.50}\n", "{\"a\":\"[redacted]\"}\r\n{\"a\":1.50}\n"},
		{"an escaped quote before a secret", `{"a":"\"1234567890\\"}`, `{"a":"\"[redacted]\\"}`},
		{"names", `{"1234567890":1,"x1234567890":{"1234567890":2},"\u0031234567890":3}`, `{"[redacted]":1,"x[redacted]":{"[redacted]":2},"[redacted] 2":3}`},
		{"a name like the mask", `{"1234567890":1,"[redacted]":2}`, `{"[redacted] 2":1,"[redacted]":2}`},
		{"JSON in JSON", `{"a":"{\"b\":\"1234567890\",\"n\":1234567890}"}`, `{"a":"{\"b\":\"[redacted]\",\"n\":0}"}`},
		{"a token in JSON in JSON", `{"a":"{\"access_token\":\"` + token + `\"}","b":"` + token + `"}`, `{"a":"{\"access_token\":\"[redacted]\"}","b":"[redacted]"}`},
		{"base64 of JSON", `{"a":"` + encoded(`{"k":"1234567890","x":"?>~"}`) + `"}`, `{"a":"` + encoded(`{"k":"[redacted]","x":"?>~"}`) + `"}`},
		{"bytes that are not text", "\x00\xff\xfe\n1234567890\x80\x1b\\", "\x00\xff\xfe\n[redacted]\x80\x1b\\"},
		{"no secret", "{ \"a\": \"\\u00e9\\/ +%41&amp;\", \"b\":1e2 }\n\n", "{ \"a\": \"\\u00e9\\/ +%41&amp;\", \"b\":1e2 }\n\n"},
		{"invalid JSON", `{"a":"1234567890",`, `{"a":"[redacted]",`},
	} {
		t.Run(c.name, func(t *testing.T) {
			path, file := exchanges(t, answer(c.body), func(n http.RoundTripper) { do(t, n, "GET", "https://h/", "") }, replay.Scrub(key))
			assert.NotContains(t, file, key)
			assert.NotContains(t, file, token)
			assert.Empty(t, during(path, func(_ *fakeTB, n http.RoundTripper) {
				_, body := do(t, n, "GET", "https://h/", "")
				assert.Equal(t, c.want, body)
			}))
		})
	}
}

func TestASecretInAMultipartOrAChunkedBodyIsHidden(t *testing.T) {
	const key = "key-0123456789"
	handler := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		fmt.Fprint(z, "a;"+key[:7])
		_ = z.Flush()
		w.(http.Flusher).Flush() // the body has two chunks, and the secret is in both
		fmt.Fprint(z, key[7:]+";b")
		_ = z.Close()
	}
	ask := func(n http.RoundTripper, url, key string) string {
		var b bytes.Buffer
		m := multipart.NewWriter(&b)
		require.NoError(t, m.SetBoundary("boundary"))
		require.NoError(t, m.WriteField("key", key))
		part, err := m.CreatePart(map[string][]string{"Content-Transfer-Encoding": {"base64"}})
		require.NoError(t, err)
		text := encoded("{" + key + "}")
		_, _ = part.Write([]byte(text[:10] + "\r\n" + text[10:]))
		require.NoError(t, m.Close())
		_, body := do(t, n, "POST", url, b.String(), "Content-Type", m.FormDataContentType(), "Accept-Encoding", "gzip")
		return body
	}
	path, url, file := recorded(t, handler, func(n http.RoundTripper, url string) { ask(n, url, key) }, replay.Scrub(key))
	for _, form := range []string{key, "a2V5", "tleS"} {
		assert.NotContains(t, file, form)
	}
	assert.Empty(t, during(path, func(_ *fakeTB, n http.RoundTripper) {
		assert.Equal(t, "a;[redacted];b", ask(n, url, "key-9876543210"))
	}, replay.Scrub("key-9876543210")))
}

func TestAMaskThatTheConnectorSendsBackIsRecognized(t *testing.T) {
	const token = "token-0123456789abcdef"
	ask := func(n http.RoundTripper) {
		_, body := do(t, n, "GET", "https://h/login", "")
		var got struct {
			Token string `json:"access_token"`
		}
		require.NoError(t, json.Unmarshal([]byte(body), &got))
		do(t, n, "GET", "https://h/"+url.PathEscape(got.Token)+"?a="+url.QueryEscape("https://x/?b="+url.QueryEscape(got.Token)), "")
		do(t, n, "POST", "https://h/", `{"basic":"`+encoded("me:"+got.Token)+`","hex":"`+hex.EncodeToString([]byte(got.Token))+`"}`)
		do(t, n, "POST", "https://h/", "a="+url.QueryEscape(encoded(got.Token)), "Content-Type", "application/x-www-form-urlencoded")
	}
	path, file := exchanges(t, answer(`{"access_token":"`+token+`"}`), ask)
	assert.NotContains(t, file, token)
	assert.Empty(t, during(path, func(_ *fakeTB, n http.RoundTripper) { ask(n) }, replay.Strict()))
}

func TestACredentialOfAnEarlierRequestIsHiddenInALaterOne(t *testing.T) {
	ask := func(n http.RoundTripper, key string) {
		do(t, n, "GET", "https://h/login", "", "X-Api-Key", key)
		do(t, n, "GET", "https://h/accounts/"+key, "")
	}
	path, file := exchanges(t, answer("ok"), func(n http.RoundTripper) { ask(n, "key-0123456789abcdef") })
	assert.NotContains(t, file, "key-0123456789abcdef")
	assert.Empty(t, during(path, func(_ *fakeTB, n http.RoundTripper) { ask(n, "another-key-0123456789") }, replay.Strict()))
}

func TestTheStartOfASecretInAPathIsRecordedAsItIs(t *testing.T) {
	ask := func(n http.RoundTripper) { do(t, n, "GET", "https://h/shop-orders", "") }
	path, file := exchanges(t, answer("ok"), ask, replay.Scrub("shop-orders-0123456789"))
	assert.Contains(t, file, "https://h/shop-orders")
	assert.Empty(t, during(path, func(_ *fakeTB, n http.RoundTripper) { ask(n) }, replay.Scrub("another-key-0123456789"), replay.Strict()))
}

func TestNoMessageContainsASecret(t *testing.T) {
	const key = "key-0123456789"
	recording(t, true)
	path := filepath.Join(t.TempDir(), "a.yaml")
	failures := during(path, func(_ *fakeTB, n http.RoundTripper) { do(t, n, "GET", "https://"+key+".example.com/", "") },
		replay.Scrub(key), replay.Network(answer("x", "Content-Encoding", key)))
	require.Len(t, failures, 1)
	assert.Contains(t, failures[0], "cannot be searched for secrets")
	assert.NotContains(t, failures[0], key)

	failures = during(filepath.Join(t.TempDir(), key+".yaml"), func(*fakeTB, http.RoundTripper) { t.Error("must not be reached") }, replay.Scrub(key))
	assert.Equal(t, []string{"the name of the recording contains a value of Scrub: choose a name without secrets"}, failures)
	recording(t, false)

	path, _ = exchanges(t, answer("ok"), func(n http.RoundTripper) { do(t, n, "GET", "https://h/", "") })
	failures = during(path, func(_ *fakeTB, n http.RoundTripper) {
		_, err := try(n, "POST", "https://"+key+"/?a="+key, `{"a":"`+key+`"}`, "X-Other", key)
		require.Error(t, err)
		assert.NotContains(t, err.Error(), key)
		_, err = try(n, "POST", "https://"+key+"/", "x", "Content-Encoding", key)
		assert.NotContains(t, err.Error(), key)
	}, replay.Scrub(key))
	assert.NotContains(t, failures[0], key)
}
