package main_test

import (
	"bytes"
	"encoding/base64"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	leakedToken  = "tok-4f9a8c7d6e5b"
	leakedNested = `p&ss"w0rd/x9`
	leakedFormat = "format-77aa88bb"
	leakedOther  = "airbyte-11cc22dd"
	plainValue   = "https://shop.example.com"
)

// leaking returns a connector whose spec calls some fields secret.
func leaking(t *testing.T, scripts map[string]string) (*bench, *scripted) {
	t.Helper()
	all := map[string]string{"spec": `printf '%s' '{"properties":{"token":{"x-rotates":true},"key":{"type":"string","format":"password"},"old":{"airbyte_secret":true},"base_url":{"type":"string"},"db":{"oneOf":[{"$ref":"#/$defs/db"},{"type":"null"}]}},"$defs":{"db":{"type":"object","properties":{"password":{"writeOnly":true},"user":{"type":"string"}}}}}'; echo`}
	for action, script := range scripts {
		if action == "spec" {
			script += all["spec"]
		}
		all[action] = script
	}
	b := newBench(t, `{"token":"`+leakedToken+`","key":"`+leakedFormat+`","old":"`+leakedOther+`","base_url":"`+plainValue+`","db":{"user":"`+"someuser-name"+`","password":"p&ss\"w0rd/x9"}}`)
	return b, newScripted(t, all)
}

// assertNoSecret checks that neither the output nor a file but the configuration has a
// secret.
func (b *bench) assertNoSecret(out string) {
	b.Helper()
	for _, secret := range []string{leakedToken, leakedNested, leakedFormat, leakedOther, `p&ss\"w0rd`, base64.StdEncoding.EncodeToString([]byte(leakedToken))} {
		assert.NotContains(b, out, secret)
		require.NoError(b, filepath.WalkDir(b.dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || entry.Name() == "configuration.json" {
				return err
			}
			text, err := os.ReadFile(path)
			assert.False(b, bytes.Contains(text, []byte(secret)), "%s has %s", path, secret)
			return err
		}))
	}
}

func TestASecretInARowIsMaskedAndNamed(t *testing.T) {
	b, c := leaking(t, map[string]string{"sync": `cat <<'END'
{"type":"RECORD","record":{"s":{"t":{"id":1,"a":"key=` + leakedToken + `","raw":{"auth":{"p":"p&ss\"w0rd/x9"},"` + leakedFormat + `":1}}}}}
{"type":"RECORD","record":{"s":{"t":{"id":2,"a":"` + leakedToken + `"}}}}
{"type":"RECORD","op":"UPDATE","record":{"s":{"t":{"id":1,"a":"x ` + leakedOther + `"}}}}
{"type":"RECORD","record":{"s":{"t":{"id":3,"a":"` + base64.StdEncoding.EncodeToString([]byte("x:"+leakedToken)) + `","url":"` + plainValue + `"}}}}
{"type":"STATE","state":{"n":1}}
END`})
	out, failed := b.penstock("sync", "-explain", "--", c.path)
	require.False(t, failed, out)
	for _, want := range []string{
		"warning: the connector leaks the value of the secret field token: in 3 rows, in column a of table s.t; the warehouse holds [redacted] instead",
		"warning: the connector leaks the value of the secret field db.password: in 1 row, in column raw of table s.t",
		"warning: the connector leaks the value of the secret field key: in 1 row, in column raw of table s.t",
		"warning: the connector leaks the value of the secret field old: in 1 row, in column a of table s.t",
	} {
		assert.Contains(t, out, want)
	}
	b.assertNoSecret(out)
	assert.Equal(t, "1,x [redacted]\n2,[redacted]", b.query("SELECT id, a FROM s.t WHERE id < 3 ORDER BY id"))
	assert.Equal(t, plainValue, b.query("SELECT url FROM s.t WHERE id = 3"), "a value that is not secret is stored")
	summary, _ := b.penstock("summary", "-json")
	assert.Contains(t, summary, "the secret field token: in 3 rows")
	b.assertNoSecret(summary)
}

func TestASecretInAKeyOrANameEndsTheSync(t *testing.T) {
	for line, want := range map[string]string{
		`{"type":"RECORD","record":{"s":{"k":{"key":"` + leakedToken + `"}}}}`: "column key of table s.k, which is part of the primary key, contains the value of the secret field token",
		`{"type":"RECORD","record":{"s":{"x` + leakedToken + `":{"id":1}}}}`:   "the name of a table contains the value of the secret field token",
		`{"type":"STATE","state":{"s":{"next":["` + leakedToken + `"]}}}`:      "the state contains the value of the secret field token, at s.next.0: ",
		`{"type":"STATE","state":{"` + leakedFormat + `":1}}`:                  "the state contains the value of the secret field key: ",
		`{"type":"STATE","state":{"n":"https://u:p%26ss%22w0rd%2Fx9@host/"}}`:  "the state contains the value of the secret field db.password, at n: ",
	} {
		b, c := leaking(t, map[string]string{
			"schema": `echo '{"schemas":{"s":{"tables":{"k":{"columns":{"key":{"type":"STRING","primary_key":true}}}}}}}'`,
			"sync":   "cat <<'END'\n" + `{"type":"RECORD","record":{"s":{"k":{"key":"a"}}}}` + "\n" + `{"type":"STATE","state":{"good":1}}` + "\n" + line + "\n" + `{"type":"STATE","state":{"n":2}}` + "\nEND",
		})
		out, failed := b.penstock("sync", "--", c.path)
		assert.True(t, failed, out)
		assert.Contains(t, out, "failed: line 3 of the answer: "+want)
		b.assertNoSecret(out)
		assert.JSONEq(t, `{"good":1}`, b.state())
	}
}

func TestASecretInTextIsMaskedAndNamed(t *testing.T) {
	say := `echo 'log ` + leakedToken + `' >&2; printf '%s\n' '{"level":"ERROR","msg":"m","k":"p&ss\"w0rd/x9"}' >&2; `
	for name, test := range map[string]struct {
		scripts map[string]string
		want    []string
	}{
		"log": {map[string]string{"spec": say, "sync": say + aRow}, []string{
			"log [redacted]\n", "error m k=[redacted]\n", "the secret field token: 2 times in the log on standard error", "the secret field db.password: 2 times in the log on standard error",
		}},
		"test":         {map[string]string{"test": `echo '{"status":"SUCCESS","message":"as ` + leakedToken + `"}'`}, []string{"test: as [redacted]", "token: 1 time in the answer to the test"}},
		"failed test":  {map[string]string{"test": `echo '{"status":"FAILURE","message":"as ` + leakedToken + `"}'`}, []string{"failed: the connector's test of the configuration failed: as [redacted]", "the secret field token: 1 time in the error"}},
		"schema":       {map[string]string{"schema": `echo '{"schemas":{"s":{"tables":{"t` + leakedToken + `":{"columns":{}}}}}}'`}, []string{"failed: the connector's schema contains the value of the secret field token"}},
		"warning":      {map[string]string{"sync": `echo '{"type":"LOG","log":{"level":"WARNING","message":"w ` + leakedFormat + `"}}'` + "\n" + aRow}, []string{"warning: w [redacted]", "key: 1 time in a LOG line"}},
		"severe":       {map[string]string{"sync": `echo '{"type":"LOG","log":{"level":"SEVERE","message":"w ` + leakedFormat + `"}}'; exit 1`}, []string{"failed: the connector failed: w [redacted]", "key: 1 time in a LOG line"}},
		"broken line":  {map[string]string{"sync": `echo 'Traceback ` + leakedToken + `'`}, []string{"it is not a JSON object: Traceback [redacted]", "token: 1 time in the error"}},
		"cut line":     {map[string]string{"sync": `printf '%0186d` + leakedToken + `%0100d\n' 0 0`}, []string{"0[redacted]"}},
		"broken spec":  {map[string]string{"spec": `echo '` + leakedToken + `';`}, []string{"so the configuration is not checked"}},
		"misfit":       {map[string]string{"sync": `echo '{"type":"RECORD","record":{"s":{"t":{"id":[1,"` + leakedToken + `"]}}}}'`}, []string{"primary key, contains the value of the secret field token"}},
		"unknown type": {map[string]string{"schema": `echo '{"schemas":{"s":{"tables":{"t":{"columns":{"a":{"type":"x"}}}}}},"x":"` + leakedToken + `"}'`}, []string{"the connector's schema contains the value of the secret field token, at x"}},
	} {
		t.Run(name, func(t *testing.T) {
			b, c := leaking(t, test.scripts)
			out, _ := b.penstock("sync", "--", c.path)
			for _, want := range test.want {
				assert.Contains(t, out, want)
			}
			b.assertNoSecret(out)
		})
	}
}

func TestASecretAtTheEndOfAPieceOfTheLogIsMasked(t *testing.T) {
	for _, before := range []int{65_520, 65_525, 65_530, 65_535, 130_000, 131_060} {
		b, c := leaking(t, map[string]string{"sync": "head -c " + strconv.Itoa(before) + ` /dev/zero | tr '\0' ' ' >&2; printf '` + leakedToken + ` and more\n' >&2` + "\n" + aRow})
		out, failed := b.penstock("sync", "--", c.path)
		require.False(t, failed)
		b.assertNoSecret(out)
		for _, part := range []string{leakedToken[:8], leakedToken[8:]} {
			assert.NotContains(t, out, part)
		}
		assert.Contains(t, out, "[redacted] and more")
	}
}

func TestAReplacedSecretIsMaskedToo(t *testing.T) {
	const fresh = "fresh-0a1b2c3d4e5f"
	b, c := leaking(t, map[string]string{
		"schema": secrets(`"token":"`+fresh+`"`) + `echo '{"schemas":{"s":{"tables":{"t":{"columns":{"id":{"type":"LONG","primary_key":true}}}}}}}'`,
		"sync":   `echo '{"type":"RECORD","record":{"s":{"t":{"id":1,"a":"` + fresh + ` ` + leakedToken + `"}}}}'; echo log ` + fresh + " >&2\n" + aRow,
	})
	out, failed := b.penstock("sync", "--", c.path)
	require.False(t, failed, out)
	assert.NotContains(t, out, fresh)
	b.assertNoSecret(out)
	assert.Contains(t, out, "the secret field token: in 1 row, in column a of table s.t")
}

func TestAFieldWithASecretNameIsMaskedWithoutASpec(t *testing.T) {
	b := newBench(t, `{"api_key":"`+leakedToken+`"}`)
	out, failed := b.penstock("sync", "--", newScripted(t, map[string]string{
		"spec": "exit 1",
		"sync": `echo '{"type":"RECORD","record":{"s":{"t":{"id":1,"a":"` + leakedToken + `"}}}}'` + "\n" + `echo '{"type":"STATE","state":{}}'`,
	}).path)
	require.False(t, failed, out)
	assert.Contains(t, out, "the secret field api_key: in 1 row, in column a of table s.t")
	b.assertNoSecret(out)
}

func TestErrorsOfTheConfigurationQuoteNothing(t *testing.T) {
	for _, configuration := range []string{
		`{"token":"` + leakedToken + `"`, leakedToken, `{"token":"` + leakedToken + `\x"}`, `{"token":` + leakedToken + `}`, `["` + leakedToken + `"]`, `"` + leakedToken + `"`,
		`{"token":"${` + leakedToken + `}"}`, `{"db":{"password":"${` + leakedToken + `}"}}`, `{"token":"` + leakedToken + `"} ` + leakedToken, "{\"token\":\"" + leakedToken + "\n\"}",
	} {
		b := newBench(t, configuration)
		out, failed := b.penstock("sync", "--", newScripted(t, nil).path)
		assert.True(t, failed, out)
		assert.Contains(t, out, "failed: configuration.json: ", configuration)
		for at := range len(leakedToken) - 4 {
			assert.NotContains(t, out, leakedToken[at:at+4], configuration)
		}
	}
}

func TestAnEchoedCommandLineHasNoSecret(t *testing.T) {
	b := newBench(t, "")
	out, err := combined(b.command("./shop", "--api-key="+leakedToken, "--password", leakedFormat, "-x", "1"))
	require.Error(t, err)
	assert.Contains(t, out, "penstock sync -- ./shop --api-key=… --password … -x 1\n")
}

func TestMaskingASecretKeepsTheTypesOfColumns(t *testing.T) {
	t.Parallel()
	encoded := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	b := newBench(t, `{"token":"`+leakedToken+`","api_key":"20260102","password":"2026-01-02"}`)
	c := newScripted(t, map[string]string{
		"spec":   `echo '{"properties":{"token":{"writeOnly":true},"api_key":{"writeOnly":true},"password":{"writeOnly":true}}}'`,
		"schema": `echo '{"schemas":{"s":{"tables":{"t":{"columns":{"day":{"type":"NAIVE_DATE","primary_key":true},"b":{"type":"BINARY"},"d":{"type":"DECIMAL"},"local":{"type":"NAIVE_DATETIME"},"at":{"type":"UTC_DATETIME"}}}}}}}'`,
		"sync": `cat <<'END'
{"type":"RECORD","record":{"s":{"t":{"day":"2026-01-01","b":"` + encoded("innocent") + `","d":"1.5","local":"2026-01-01T00:00:00","at":"2026-01-01T00:00:00Z"}}}}
{"type":"RECORD","record":{"s":{"t":{"day":"2026-01-02","b":"` + encoded("x "+leakedToken+" y") + `","d":"20260102.50","local":"2026-01-02T03:04:05","at":"2026-01-02T03:04:05Z"}}}}
{"type":"RECORD","record":{"s":{"t":{"day":"2026-01-03","b":"` + encoded("also innocent") + `","d":"2.5","local":"2026-01-03T00:00:00","at":"2026-01-03T00:00:00Z"}}}}
{"type":"STATE","state":{}}
END`,
	})
	out, failed := b.penstock("sync", "--", c.path)
	require.False(t, failed, out)
	assert.NotContains(t, out, "widened")
	assert.Contains(t, out, "warning: the connector leaks the value of the secret field token: in 1 row, in column b of table s.t")
	assert.NotContains(t, out, "the secret field api_key")
	assert.NotContains(t, out, "the secret field password")
	assert.Equal(t, "2026-01-01,blob,innocent\n2026-01-02,blob,[redacted]\n2026-01-03,blob,also innocent", b.query("SELECT day, typeof(b), CAST(b AS TEXT) FROM s.t ORDER BY day"))
	assert.Equal(t, "20260102.50,2026-01-02T03:04:05,2026-01-02T03:04:05Z", b.query("SELECT d, local, at FROM s.t WHERE day = '2026-01-02'"))
	b.assertNoSecret(out)
}

func TestASecretIsMaskedInAColumnOfAnotherType(t *testing.T) {
	t.Parallel()
	b, c := leaking(t, map[string]string{
		"schema": `echo '{"schemas":{"s":{"tables":{"t":{"columns":{"id":{"type":"LONG","primary_key":true},"day":{"type":"NAIVE_DATE"},"n":{"type":"LONG"}}}}}}}'`,
		"sync":   `echo '{"type":"RECORD","record":{"s":{"t":{"id":1,"day":"` + leakedToken + `","n":"` + leakedFormat + `"}}}}'` + "\n" + `echo '{"type":"STATE","state":{}}'`,
	})
	out, failed := b.penstock("sync", "--", c.path)
	require.False(t, failed, out)
	assert.Contains(t, out, "the secret field token: in 1 row, in column day of table s.t")
	assert.Contains(t, out, "the secret field key: in 1 row, in column n of table s.t")
	b.assertNoSecret(out)
}

func TestAColumnThatIsNoLongerDeclaredKeepsItsTypeWhenItIsMasked(t *testing.T) {
	t.Parallel()
	encoded := base64.StdEncoding.EncodeToString([]byte("x " + leakedToken))
	script := map[string]string{
		"schema": `echo '{"schemas":{"s":{"tables":{"t":{"columns":{"id":{"type":"LONG","primary_key":true},"b":{"type":"BINARY"}}}}}}}'`,
		"sync":   `echo '{"type":"STATE","state":{}}'`,
	}
	b, c := leaking(t, script)
	out, failed := b.penstock("sync", "--", c.path)
	require.False(t, failed, out)
	_, c = leaking(t, map[string]string{"sync": `echo '{"type":"RECORD","record":{"s":{"t":{"id":1,"b":"` + encoded + `"}}}}'` + "\n" + `echo '{"type":"STATE","state":{"n":1}}'`})
	out, failed = b.penstock("sync", "--", c.path)
	require.False(t, failed, out)
	assert.NotContains(t, out, "widened")
	assert.Equal(t, "blob,[redacted]", b.query("SELECT typeof(b), CAST(b AS TEXT) FROM s.t"))
}
