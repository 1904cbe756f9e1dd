package connectortest

import "encoding/json"

var binarySecretsRule = rule{
	name:     "Secrets",
	contract: "no secret of the configuration leaves the process except to the source: the lines that it writes, its standard error and its help do not contain it, in any spelling, truncated, or split into pieces",
	fix:      "keep secrets in fields of type connector.Secret; call Reveal only where the source receives the secret; log with connector.Logger, which removes secrets",
	check:    checkBinarySecrets,
}

func checkBinarySecrets(s *suite, c *check) {
	p := s.program
	var spec property
	if err := json.Unmarshal(p.mustAnswer(c, "spec"), &spec); err != nil {
		c.fatalf("parse the spec: %v", err)
	}
	secrets := programSecretsOf(p.secrets, spec)
	if len(secrets) == 0 {
		c.Logf("no field that the spec declares a secret has a value, so nothing is tested")
	}
	finder := emptySecretFinder()
	for _, secret := range secrets {
		logIfTooShort(c, secret.name, secret.value)
		finder.add(secret.name, secret.value)
	}
	finder.add("of the test", wrongSecret)
	checkBinaryOutput(p, c, finder, "", p.secrets)
	for _, secret := range secrets {
		checkBinaryOutput(p, c, finder, " with a wrong "+secret.name, secret.replaced)
	}
}

// checkBinaryOutput looks for secrets in the output of all actions, and in the text that
// the program prints if it is asked for help.
func checkBinaryOutput(p *program, c *check, finder *secretFinder, circumstance string, secrets json.RawMessage) {
	for _, action := range []string{"spec", "schema", "test", "sync", "help"} {
		request, args := p.request(action, secrets, nil, nil), []string(nil)
		if action == "help" {
			// A program that knows no arguments answers the request.
			request, args = p.request("spec", secrets, nil, nil), []string{"--help"}
		}
		e, err := p.run(c.Context(), request, nil, args...)
		if err != nil {
			c.fatalf("%v", err)
		}
		for _, line := range e.lines {
			addReplaced(finder, line)
		}
		for i, line := range e.lines {
			if isSecretsLine(line) {
				continue // the only line that may contain a secret
			}
			if secret := findInLine(finder, action, line); secret != "" {
				c.failf("line %d of the answer to %q%s contains the secret %s", i+1, action, circumstance, secret)
				return
			}
		}
		if secret := finder.find(string(e.partial)); secret != "" {
			c.failf("the last line of the answer to %q%s, which is incomplete, contains the secret %s", action, circumstance, secret)
			return
		}
		if secret := finder.find(e.stderr); secret != "" {
			c.failf("standard error of the action %q%s contains the secret %s: %s", action, circumstance, secret, textBefore(finder, e.stderr))
			return
		}
	}
}

// findInLine looks for secrets in a line of the answer to an action.
func findInLine(finder *secretFinder, action string, line []byte) string {
	var head struct{ Type string }
	switch isObject := json.Unmarshal(line, &head) == nil; {
	case isObject && (head.Type == "RECORD" || head.Type == "STATE"):
		return finder.findInData(string(line))
	case action == "spec" || action == "schema" || action == "help":
		return finder.findInDocument(string(line))
	}
	return finder.find(string(line))
}

// addReplaced makes the finder look for the secrets that a SECRETS line returns.
func addReplaced(finder *secretFinder, line []byte) {
	if !isSecretsLine(line) {
		return
	}
	var replaced struct{ Secrets map[string]string }
	_ = json.Unmarshal(line, &replaced) // Sync reports a line that is not valid
	for field, value := range replaced.Secrets {
		finder.add(field+", replaced by the source,", value)
	}
}
