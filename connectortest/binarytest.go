package connectortest

import (
	"encoding/json"
	"maps"

	"github.com/penstock-sdk/penstock/connector/stdin"
)

var binaryTestRule = rule{
	name:     "Test",
	contract: `the answer to {"selection":{"action":"test"}} is one line, with status SUCCESS if a sync succeeds with the configuration, and FAILURE if a required field is missing or a sync fails; the exit status is 0`,
	fix:      "let Test send the smallest request that needs the same permissions as Sync; if Test fails with the original configuration, check that the source accepts the secrets that were passed to RunBinary",
	check:    checkBinaryTest,
}

func checkBinaryTest(s *suite, c *check) {
	p := s.program
	if ok, response := runBinaryTest(p, c, p.secrets); !ok {
		c.failf("with the configuration that was passed to RunBinary, the answer is: %s", response)
		return
	}
	var spec property
	var secrets map[string]json.RawMessage
	if json.Unmarshal(p.mustAnswer(c, "spec"), &spec) != nil || json.Unmarshal(p.secrets, &secrets) != nil {
		return // Spec reports the first error, and the answer above the second
	}
	for _, name := range spec.Required {
		if _, ok := secrets[name]; !ok {
			continue
		}
		without := maps.Clone(secrets)
		delete(without, name)
		text, _ := json.Marshal(without) // parsed from JSON
		if ok, response := runBinaryTest(p, c, text); ok {
			c.failf("without the required field %s, the answer is: %s", name, response)
		}
	}
	for _, secret := range programSecretsOf(p.secrets, spec) {
		wrong := p.withSecrets(secret.replaced)
		if ok, response := runBinaryTest(p, c, wrong.secrets); ok && s.baselineSucceeds(c) {
			// A source may accept everyone. Then a sync succeeds, too.
			if d := wrong.sync(c.Context(), attempt{}); d.err != nil {
				c.failf("with a wrong %s, the answer is: %s; but a sync failed: %s", secret.name, response, d.failure())
			}
		}
	}
}

// runBinaryTest returns the answer to the action "test", and whether its status
// is SUCCESS.
func runBinaryTest(p *program, c *check, secrets json.RawMessage) (ok bool, response string) {
	e, err := p.run(c.Context(), p.request("test", secrets, nil, nil), nil)
	if err != nil {
		c.fatalf("%v", err)
	}
	lines := e.answer()
	if e.status != 0 || len(lines) != 1 || len(e.partial) > 0 {
		c.fatalf(`the answer to "test" is not one line: %s`, e.failure())
	}
	ok, _, err = stdin.ParseTest(lines[0])
	if err != nil {
		c.fatalf("%v", err)
	}
	return ok, string(lines[0])
}
