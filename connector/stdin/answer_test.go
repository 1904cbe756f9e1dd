package stdin_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/stdin"
)

func TestAnswerReadsTheLineAfterTheSecrets(t *testing.T) {
	const spec = `{"type":"object","properties":{}}`
	for name, text := range map[string]string{
		"alone":           spec + "\n",
		"without its end": spec,
		"after secrets":   `{"type":"SECRETS","secrets":{"token":"1"}}` + "\n\n" + `{"type":"SECRETS","secrets":{"token":"2"}}` + "\n" + spec + "\r\n\n",
	} {
		t.Run(name, func(t *testing.T) {
			var tokens []string
			answer, err := stdin.NewReader(strings.NewReader(text)).Answer(func(secrets map[string]string) error {
				tokens = append(tokens, secrets["token"])
				return nil
			})
			require.NoError(t, err)
			assert.Equal(t, spec, string(answer))
			if name == "after secrets" {
				assert.Equal(t, []string{"1", "2"}, tokens)
			}
			answer, err = stdin.NewReader(strings.NewReader(text)).Answer(nil)
			require.NoError(t, err)
			assert.Equal(t, spec, string(answer), "without a function, SECRETS are ignored")
		})
	}
}

func TestAnswerPassesSecretsOnBeforeItReadsTheNextLine(t *testing.T) {
	line := strings.NewReader(`{"type":"SECRETS","secrets":{"token":"1"}}` + "\n")
	readOn := iotest.ErrReader(errors.New("it reads the next line"))
	stored := errors.New("stored")
	_, err := stdin.NewReader(io.MultiReader(line, readOn)).Answer(func(map[string]string) error { return stored })
	require.ErrorIs(t, err, stored)
}

func TestAnswerReturnsAFailureAsAnError(t *testing.T) {
	_, err := stdin.NewReader(strings.NewReader(`{"type":"LOG","log":{"level":"SEVERE","message":"the key is wrong"}}` + "\n")).Answer(nil)
	var failure *stdin.FailureError
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, "the key is wrong", failure.Message)
	assert.EqualError(t, err, "the key is wrong")
}

func TestAnswerRejectsOutputThatIsNotOneLineOfJSON(t *testing.T) {
	for text, want := range map[string]string{
		"hello\n":                            "line 1 of the answer: it is not a JSON object: hello",
		`{"status":"SUCCESS"`:                "the answer ends in the middle of a line",
		`{"status":}` + "\n":                 "it is not valid JSON at byte 11",
		`{}` + "\n{}\n":                      "line 2 of the answer: it follows the answer, which must be one line: {}",
		`{}` + "\nTraceback\n":               "line 2 of the answer: it follows the answer, which must be one line: Traceback",
		`{"type":"STATE","state":{}}` + "\n": "it is a STATE line, but no sync was requested",
		`{"type":"LOG","log":{"level":"INFO","message":"hi"}}` + "\n{}": "it is a LOG line of level INFO; only SECRETS lines may precede the answer: hi",
		`{"type":"SECRETS","secrets":1}` + "\n{}\n":                     "its secrets are not a JSON object",
	} {
		answer, err := stdin.NewReader(strings.NewReader(text)).Answer(nil)
		var fault *stdin.Error
		require.ErrorAs(t, err, &fault, text)
		assert.Contains(t, err.Error(), want)
		if strings.HasPrefix(text, "{}") {
			assert.Equal(t, "{}", string(answer), "a line after the answer does not hide the answer")
		}
	}
	for _, text := range []string{"", "\n", `{"type":"SECRETS","secrets":{}}` + "\n"} {
		_, err := stdin.NewReader(strings.NewReader(text)).Answer(nil)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF, text)
	}
}

func ExampleReader_Answer() {
	stdout := strings.NewReader(`{"type":"SECRETS","secrets":{"refresh_token":"r-2"}}
{"status":"SUCCESS","message":"the shop knows the key"}
`)
	answer, err := stdin.NewReader(stdout).Answer(func(secrets map[string]string) error {
		fmt.Println("fields to store:", len(secrets))
		return nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ok, message, err := stdin.ParseTest(answer)
	fmt.Println(ok, message, err)
	// Output:
	// fields to store: 1
	// true the shop knows the key <nil>
}
