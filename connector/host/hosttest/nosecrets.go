package hosttest

import "fmt"

// noSecrets reports secrets in events, in the log, in the error of the host and in
// the errors that it wraps.
func (c *check) noSecrets(a *answer, log []byte, secrets ...string) {
	c.noSecretsBut(a, log, nil, secrets...)
}

// noSecretsBut is like noSecrets, but skips one event that may contain a
// secret.
func (c *check) noSecretsBut(a *answer, log []byte, except *Event, secrets ...string) {
	f := newFinder(secrets...)
	for _, e := range a.all() {
		if e == except {
			continue
		}
		decoded, _ := values(string(e.Row)) // nil if there is no row
		for _, text := range []string{string(e.Raw), string(e.Row), fmt.Sprint(decoded), string(e.State), e.Message} {
			if what := f.Find(text); what != "" {
				c.broken("an event of kind %q contains %s", e.Kind, what)
				return
			}
		}
	}
	if what := f.Find(string(log)); what != "" {
		c.broken("the log contains %s", what)
	}
	if what := f.findInError(a.err, 0); what != "" {
		c.broken("the error that the host returned contains %s", what)
	}
}
