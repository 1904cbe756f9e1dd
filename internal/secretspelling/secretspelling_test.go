package secretspelling_test

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/secretspelling"
)

func TestThereAreManyDistinctKindsAndSpellings(t *testing.T) {
	kinds, spellings := map[string]bool{}, map[string]bool{}
	for _, k := range secretspelling.Kinds() {
		assert.False(t, kinds[k.Name], k.Name)
		kinds[k.Name] = true
		assert.NotEmpty(t, k.Value, k.Name)
		for _, text := range k.Parts {
			assert.NotEmpty(t, text, k.Name)
		}
	}
	for _, s := range secretspelling.Spellings() {
		assert.False(t, spellings[s.Name], s.Name)
		spellings[s.Name] = true
	}
	assert.GreaterOrEqual(t, len(kinds), 40)
	assert.GreaterOrEqual(t, len(spellings), 20)
	t.Logf("%d kinds, %d spellings", len(kinds), len(spellings))
}

func TestTheSecretsAreTheSameInEveryRun(t *testing.T) {
	first, second := secretspelling.Kinds(), secretspelling.Kinds()
	assert.Equal(t, first, second)
}

func finderOf(k *secretspelling.Kind) *secretspelling.Finder {
	f := secretspelling.NewFinder()
	for _, text := range k.Confidential() {
		f.Add(k.Name, text)
	}
	return f
}

// eachText calls f with each spelling of each text of each kind.
func eachText(f func(k *secretspelling.Kind, text string, s secretspelling.Spelling, spelled string)) {
	for _, k := range secretspelling.Kinds() {
		for _, text := range k.Texts() {
			for _, s := range secretspelling.Spellings() {
				if spelled := s.Spell(text); spelled != "" {
					f(&k, text, s, spelled)
				}
			}
		}
	}
}

// hidden reports whether a spelling of a text shows too little of any confidential text
// to count.
func hidden(k *secretspelling.Kind, text string, s secretspelling.Spelling) bool {
	if s.Last {
		return true // tested separately: a part may lie behind the cut
	}
	return s.Binary && len(text) < 8 || len(text) < 4 && s.Spell(text) != text // found only as a word
}

func TestAFinderFindsEverySpelling(t *testing.T) {
	eachText(func(k *secretspelling.Kind, text string, s secretspelling.Spelling, spelled string) {
		if hidden(k, text, s) {
			return
		}
		f := finderOf(k)
		for _, within := range []string{"%s", "the source said: %s", "key %s is unknown", `{"error":"%s","code":1}`} {
			assert.NotEmpty(t, f.Find(fmt.Sprintf(within, spelled)), "%s, %s, in %s: %q", k.Name, s.Name, within, spelled)
		}
		line, err := json.Marshal(map[string]string{"message": "said: " + spelled})
		require.NoError(t, err)
		assert.NotEmpty(t, f.Find(string(line)), "%s, %s, in a line of JSON: %s", k.Name, s.Name, line)
	})
}

func TestAFinderFindsTheVisiblePartOfATruncatedSecret(t *testing.T) {
	cut := 0
	eachText(func(k *secretspelling.Kind, text string, s secretspelling.Spelling, spelled string) {
		if s.Last && len(k.Parts) == 0 {
			cut++
			assert.NotEmpty(t, finderOf(k).Find("said: "+spelled), "%s, %s: %q", k.Name, s.Name, spelled)
		}
	})
	assert.Greater(t, cut, 100)
}

func TestAFinderFindsNothingInOtherText(t *testing.T) {
	f := secretspelling.NewFinder()
	kinds := secretspelling.Kinds()
	for _, k := range kinds {
		for _, text := range k.Confidential() {
			f.Add(k.Name, text)
		}
	}
	for _, text := range []string{
		"", "the source said: [redacted]", `{"type":"STATE","state":{"orders":{"cursor":"2026-01-02T03:04:05Z"}}}`,
		"postgres://app:[redacted]@db.example.com:5432/shop?sslmode=require", "https://hooks.example.com/services/T0/B0/[redacted]",
		"-----BEGIN RSA PRIVATE KEY-----\n[redacted]\n-----END RSA PRIVATE KEY-----\n", "Server=db.example.com;Database=shop;Uid=app;Password=[redacted];Encrypt=yes",
		`{"client_email":"reader@shop-1.example.com","private_key":"[redacted]","project_id":"shop-1","token_uri":"https://oauth2.example.com/token","type":"service_account"}`,
		strings.Repeat("deadbeef0123 4567 QmFzZTY0 ", 100),
	} {
		assert.Empty(t, f.Find(text), text)
	}
}

func TestAVeryShortSecretIsFoundOnlyAsAWord(t *testing.T) {
	f := secretspelling.NewFinder()
	f.Add("pin", "k9Q")
	assert.Equal(t, "pin", f.Find("pin k9Q!"))
	assert.Empty(t, f.Find("pink9Q"))
	assert.NotEmpty(t, f.Find("xk9Q k9Q"))
}

func TestAPartOfASecretIsNotTheWhole(t *testing.T) {
	f := secretspelling.NewFinder()
	f.AddWhole("key", `pl"nted-qzvkwjxyab`)
	assert.Equal(t, "key, after decoding escapes", f.Find(`said: pl\"nted-qzvkwjxyab, sorry`))
	assert.Empty(t, f.Find("nted-qzvkwjxyab"))
}

func TestAPartIsFoundInEverySpellingButNoOtherPart(t *testing.T) {
	f := secretspelling.NewFinder()
	f.AddPart("key", "qzvkwjxyab123456")
	f.AddPart("key", "zvkwjxyab1234567")
	assert.Equal(t, "key, after decoding base64", f.Find("said: cXp2a3dqeHlhYjEyMzQ1Ng"))
	assert.Equal(t, "key", f.Find("zvkwjxyab1234567"))
	assert.Empty(t, f.Find("qzvkwjxyab12345 zvkwjxyab123456"))
}

// The code that masks secrets must not test itself.
func TestThePackageImportsOnlyTheStandardLibrary(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{join .Deps "\n"}}`, ".").Output()
	require.NoError(t, err)
	for path := range strings.Lines(string(out)) {
		first, _, _ := strings.Cut(strings.TrimSpace(path), "/")
		assert.NotContains(t, first, ".", path)
	}
}
