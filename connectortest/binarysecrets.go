package connectortest

import "encoding/json"

var binarySecretsRule = rule{
	name:     "Secrets",
	contract: "no secret of the configuration leaves the process except to the source: the lines that it writes and its standard error do not contain it, neither in plain text nor URL-escaped, in hex, in base64 or split into pieces",
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
	finder := &secretFinder{}
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

// checkBinaryOutput looks for secrets in the output of all actions.
func checkBinaryOutput(p *program, c *check, finder *secretFinder, circumstance string, secrets json.RawMessage) {
	for _, action := range []string{"spec", "schema", "test", "sync"} {
		e, err := p.run(c.Context(), p.request(action, secrets, nil, nil), nil)
		if err != nil {
			c.fatalf("%v", err)
		}
		for i, line := range e.lines {
			if isSecretsLine(line) {
				continue // the only line that may contain a secret
			}
			find := finder.find
			var head struct{ Type string }
			if json.Unmarshal(line, &head) == nil && (head.Type == "RECORD" || head.Type == "STATE") {
				find = finder.findInData
			}
			if secret, ok := find(string(line)); ok {
				c.failf("line %d of the answer to %q%s contains the secret %v", i+1, action, circumstance, secret)
				return
			}
		}
		if secret, ok := finder.find(e.stderr); ok {
			c.failf("standard error of the action %q%s contains the secret %v: %s", action, circumstance, secret, textBefore(finder, e.stderr))
			return
		}
	}
}
