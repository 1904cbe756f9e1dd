package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAReplacedSecretIsStoredBeforeTheNextLineIsRead(t *testing.T) {
	t.Setenv("PENSTOCK_TEST_USER", "me")
	const file = "{\n  \"token\" : %,\n  \"user\":\"${PENSTOCK_TEST_USER}\"\n}\n"
	b := newBench(t, "")
	c := newScripted(t, map[string]string{
		"test": secrets(`"token":"hush-2"`) + testAnswer,
		// The connector continues once the file has the value.
		"sync": secrets(`"token":"hush-\"3"`) + `
until grep -q 'hush-\\"3' configuration.json; do sleep 0.01; done
cp configuration.json seen.json` + "\n" + aRow,
	})
	target := filepath.Join(t.TempDir(), "target.json")
	require.NoError(t, os.WriteFile(target, []byte(strings.Replace(file, "%", `"hush-1"`, 1)), 0o600))
	require.NoError(t, os.Chmod(target, 0o640))
	require.NoError(t, os.Symlink(target, filepath.Join(b.dir, "configuration.json")))
	out, failed := b.penstock("sync", "--", c.path)
	require.False(t, failed, out)
	assert.NotContains(t, out, "hush")
	assert.NotContains(t, out, "warning")
	for action, want := range map[string]string{"spec": "hush-1", "test": "hush-1", "schema": "hush-2", "sync": "hush-2"} {
		require.Len(t, c.requests(action), 1)
		assert.Equal(t, map[string]string{"token": want, "user": "me"}, c.requests(action)[0].Secrets, action)
	}
	want := strings.Replace(file, "%", `"hush-\"3"`, 1)
	for _, path := range []string{target, filepath.Join(b.dir, "seen.json")} {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, want, string(text), path)
	}
	info, err := os.Stat(target)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o640), info.Mode().Perm(), "the permissions do not change")
	entries, err := os.ReadDir(filepath.Dir(target))
	require.NoError(t, err)
	assert.Len(t, entries, 1, "no temporary file remains")
	info, err = os.Lstat(filepath.Join(b.dir, "configuration.json"))
	require.NoError(t, err)
	assert.NotZero(t, info.Mode()&os.ModeSymlink, "a symbolic link is not replaced")

	out, failed = b.penstock("sync", "--", c.path)
	require.False(t, failed, out)
	assert.Equal(t, `hush-"3`, c.requests("spec")[1].Secrets["token"], "the next command sends the stored value")
}

func TestAReplacedSecretThatTheEnvironmentHoldsIsSentButNotStored(t *testing.T) {
	t.Setenv("PENSTOCK_TEST_TOKEN", "hush-1")
	const file = `{"token":"${PENSTOCK_TEST_TOKEN}"}`
	b := newBench(t, file)
	c := newScripted(t, map[string]string{
		"schema": secrets(`"token":"hush-2"`) + `echo '{"schemas":{}}'`,
		"sync":   secrets(`"token":"hush-3"`) + aRow,
	})
	out, failed := b.penstock("sync", "--", c.path)
	require.False(t, failed, out)
	assert.NotContains(t, out, "hush")
	const warning = "warning: the source replaced the value of field token, but the new value could not be stored, because configuration.json takes the field from the environment variable PENSTOCK_TEST_TOKEN"
	assert.Equal(t, 3, strings.Count(out, warning), "for the schema, for the sync, and in the summary:\n%s", out)
	text, err := os.ReadFile(filepath.Join(b.dir, "configuration.json"))
	require.NoError(t, err)
	assert.Equal(t, file, string(text))
	assert.Equal(t, "hush-1", c.requests("test")[0].Secrets["token"])
	assert.Equal(t, "hush-2", c.requests("sync")[0].Secrets["token"])
	summary, _ := b.penstock("summary", "-json")
	assert.NotContains(t, summary, "hush")
}

func TestOnlyFieldsThatRotateAreReplaced(t *testing.T) {
	const file = `{"token":"hush-1","user":"me"}`
	for action, script := range map[string]string{
		"spec": secrets(`"token":"hush-2","user":"hush-3"`) + `echo '{"properties":{"token":{"x-rotates":true},"user":{"x-rotates":false}}}'`,
		"test": secrets(`"token":"hush-2","user":"hush-3"`) + testAnswer,
		"sync": secrets(`"token":"hush-2","user":"hush-3"`) + aRow,
	} {
		b := newBench(t, file)
		c := newScripted(t, map[string]string{action: script})
		out, failed := b.penstock("sync", "--", c.path)
		assert.True(t, failed, action)
		assert.Contains(t, out, `the connector replaced the value of field user, which its spec does not mark "x-rotates": true`)
		assert.NotContains(t, out, "hush", action)
		text, err := os.ReadFile(filepath.Join(b.dir, "configuration.json"))
		require.NoError(t, err)
		assert.Equal(t, `{"token":"hush-2","user":"me"}`, string(text), "a field that rotates is still stored")
	}
}

func TestAMalformedSecretsLineIsNotPrinted(t *testing.T) {
	for action, script := range map[string]string{
		"test": `echo '{"type":"SECRETS","secrets":{"token":"hush-2"},}'` + "\n" + testAnswer,
		"sync": `echo '{"type":"SECRETS","secrets":["hush-2"]}'` + "\n" + aRow,
	} {
		b := newBench(t, `{"token":"hush-1"}`)
		out, failed := b.penstock("sync", "--", newScripted(t, map[string]string{action: script}).path)
		assert.True(t, failed, action)
		assert.Contains(t, out, "line 1 of the answer: ")
		assert.NotContains(t, out, "hush")
	}
}

func TestAFailedSyncKeepsItsReplacedSecret(t *testing.T) {
	b := newBench(t, `{"token":"hush-1"}`)
	c := newScripted(t, map[string]string{"sync": secrets(`"token":"hush-2"`) + `echo '{"type":"LOG","log":{"level":"SEVERE","message":"the source is down"}}'; exit 1`})
	out, failed := b.penstock("sync", "--", c.path)
	assert.True(t, failed)
	assert.Contains(t, out, "failed: the connector failed: the source is down")
	text, err := os.ReadFile(filepath.Join(b.dir, "configuration.json"))
	require.NoError(t, err)
	assert.Equal(t, `{"token":"hush-2"}`, string(text))
}

const nestedSpec = `echo '{"properties":{"token":{"x-rotates":true},"proxy":{"type":"object","properties":{"host":{},"password":{"x-rotates":true},"login":{"oneOf":[{"type":"object","properties":{"key":{"x-rotates":true}}},{"type":"null"}]}}}}}'`

func TestAReplacedSecretInsideAnObjectIsStoredAndSent(t *testing.T) {
	t.Setenv("PENSTOCK_TEST_HOST", `a"b`)
	for name, test := range map[string]struct{ file, want, sent, sentLater string }{
		"object": {
			"{\n  \"proxy\" : {\"host\": \"${PENSTOCK_TEST_HOST}\", \"port\": 8.0, \"password\" :\"hush-1\" },\n  \"token\":\"t\"\n}\n",
			"{\n  \"proxy\" : {\"host\": \"${PENSTOCK_TEST_HOST}\", \"port\": 8.0, \"password\" :\"hush-\\\"3\" },\n  \"token\":\"t\"\n}\n",
			`{"host":"a\"b","port":8.0,"password":"hush-1"}`,
			`{"host":"a\"b","port":8.0,"password":"hush-2"}`,
		},
		"text": {
			`{"proxy":"{\"password\": \"hush-1\", \"port\":8}","token":"t"}`,
			`{"proxy":"{\"password\": \"hush-\\\"3\", \"port\":8}","token":"t"}`,
			`{"password": "hush-1", "port":8}`,
			`{"password": "hush-2", "port":8}`,
		},
		"empty text": {`{"proxy":" "}`, `{"proxy":"{\"password\": \"hush-\\\"3\"}"}`, " ", `{"password": "hush-2"}`},
		"missing":    {`{"token":"t"}`, `{"token":"t","proxy": {"password": "hush-\"3"}}`, "", `{"password": "hush-2"}`},
		"null":       {`{"proxy":{"host":"h","password":null}}`, `{"proxy":{"host":"h","password":"hush-\"3"}}`, `{"host":"h","password":null}`, `{"host":"h","password":"hush-2"}`},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, test.file)
			c := newScripted(t, map[string]string{
				"spec": nestedSpec,
				"test": secrets(`"proxy.password":"hush-2"`) + testAnswer,
				"sync": secrets(`"proxy.password":"hush-\"3"`) + aRow,
			})
			out, failed := b.penstock("sync", "--", c.path)
			require.False(t, failed, out)
			assert.NotContains(t, out, "hush")
			assert.NotContains(t, out, "warning")
			text, err := os.ReadFile(filepath.Join(b.dir, "configuration.json"))
			require.NoError(t, err)
			assert.Equal(t, test.want, string(text))
			assert.Equal(t, test.sent, c.requests("test")[0].Secrets["proxy"])
			assert.Equal(t, test.sentLater, c.requests("schema")[0].Secrets["proxy"])
			assert.Equal(t, test.sentLater, c.requests("sync")[0].Secrets["proxy"])

			out, failed = b.penstock("sync", "--", c.path)
			require.False(t, failed, out)
			assert.Contains(t, c.requests("test")[1].Secrets["proxy"], `hush-\"3`, "the next command sends the stored value")
		})
	}
}

func TestAReplacedSecretTwoObjectsDeepIsStored(t *testing.T) {
	b := newBench(t, `{"proxy":{"login":"{\"key\":\"hush-1\"}"}}`)
	c := newScripted(t, map[string]string{"spec": nestedSpec, "test": secrets(`"proxy.login.key":"hush-2"`) + testAnswer})
	out, failed := b.penstock("sync", "--", c.path)
	require.False(t, failed, out)
	text, err := os.ReadFile(filepath.Join(b.dir, "configuration.json"))
	require.NoError(t, err)
	assert.Equal(t, `{"proxy":{"login":"{\"key\":\"hush-2\"}"}}`, string(text))
	assert.Equal(t, `{"login":"{\"key\":\"hush-2\"}"}`, c.requests("schema")[0].Secrets["proxy"])
}

func TestAReplacedSecretInsideAnObjectThatTheEnvironmentHoldsIsSentButNotStored(t *testing.T) {
	t.Setenv("PENSTOCK_TEST_PASSWORD", "hush-1")
	t.Setenv("PENSTOCK_TEST_PROXY", `{"password":"hush-1"}`)
	for file, names := range map[string]string{
		`{"proxy":{"password":"${PENSTOCK_TEST_PASSWORD}"}}`:       "PENSTOCK_TEST_PASSWORD",
		`{"proxy":"{\"password\":\"${PENSTOCK_TEST_PASSWORD}\"}"}`: "PENSTOCK_TEST_PASSWORD",
		`{"proxy":"${PENSTOCK_TEST_PROXY}"}`:                       "PENSTOCK_TEST_PROXY",
	} {
		b := newBench(t, file)
		c := newScripted(t, map[string]string{
			"spec":   nestedSpec,
			"schema": secrets(`"proxy.password":"hush-2"`) + `echo '{"schemas":{}}'`,
			"sync":   secrets(`"proxy.password":"hush-3"`) + aRow,
		})
		out, failed := b.penstock("sync", "--", c.path)
		require.False(t, failed, out)
		assert.NotContains(t, out, "hush")
		assert.Contains(t, out, "warning: the source replaced the value of field proxy.password, but the new value could not be stored, because configuration.json takes the field from the environment variable "+names)
		text, err := os.ReadFile(filepath.Join(b.dir, "configuration.json"))
		require.NoError(t, err)
		assert.Equal(t, file, string(text))
		assert.JSONEq(t, `{"password":"hush-1"}`, c.requests("test")[0].Secrets["proxy"])
		assert.JSONEq(t, `{"password":"hush-2"}`, c.requests("sync")[0].Secrets["proxy"])
	}
}

func TestANameWithADotTakesPrecedenceOverAFieldInsideAnObject(t *testing.T) {
	for rotates, want := range map[string]string{
		"true":  `{"proxy":{"password":"hush-1"},"proxy.password":"hush-2"}`,
		"false": `{"proxy":{"password":"hush-1"},"proxy.password":"hush-0"}`,
	} {
		b := newBench(t, `{"proxy":{"password":"hush-1"},"proxy.password":"hush-0"}`)
		c := newScripted(t, map[string]string{
			"spec": `echo '{"properties":{"proxy":{"properties":{"password":{"x-rotates":true}}},"proxy.password":{"x-rotates":` + rotates + `}}}'`,
			"test": secrets(`"proxy.password":"hush-2"`) + testAnswer,
		})
		out, failed := b.penstock("sync", "--", c.path)
		assert.Equal(t, rotates == "false", failed, out)
		text, err := os.ReadFile(filepath.Join(b.dir, "configuration.json"))
		require.NoError(t, err)
		assert.Equal(t, want, string(text))
	}
}

func TestAFieldInsideAnObjectThatDoesNotRotateIsNotReplaced(t *testing.T) {
	for file, test := range map[string]struct{ field, want string }{
		`{"proxy":{"host":"hush-1"}}`:      {"proxy.host", `the connector replaced the value of field proxy.host, which its spec does not mark "x-rotates": true`},
		`{"proxy":{"other":"hush-1"}}`:     {"proxy.other", `the connector replaced the value of field proxy.other, which its spec does not mark "x-rotates": true`},
		`{"proxy":"hush-1"}`:               {"proxy.password", "store the value of field proxy.password that the source replaced: configuration.json: field proxy is not a JSON object"},
		`{"proxy":{"login":"[\"hush\"]"}}`: {"proxy.login.key", "field login is not a JSON object"},
	} {
		b := newBench(t, file)
		c := newScripted(t, map[string]string{"spec": nestedSpec, "test": secrets(`"`+test.field+`":"hush-2"`) + testAnswer})
		out, failed := b.penstock("sync", "--", c.path)
		assert.True(t, failed, out)
		assert.Contains(t, out, test.want)
		assert.NotContains(t, out, "hush")
		text, err := os.ReadFile(filepath.Join(b.dir, "configuration.json"))
		require.NoError(t, err)
		assert.Equal(t, file, string(text))
	}
}
