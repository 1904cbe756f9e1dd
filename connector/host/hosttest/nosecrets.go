package hosttest

import "fmt"

// noSecrets reports secrets in what reached the platform or the log, and in the
// error of the host and all that it wraps.
func (c *check) noSecrets(a *answer, log []byte, secrets ...string) {
	c.noSecretsBut(a, log, nil, secrets...)
}

// noSecretsBut is noSecrets with an event that may hold one.
func (c *check) noSecretsBut(a *answer, log []byte, except *Event, secrets ...string) {
	f := newFinder(secrets...)
	for _, e := range a.all() {
		if e == except {
			continue
		}
		decoded, _ := values(string(e.Row)) // nothing if there is no row
		for _, text := range []string{string(e.Raw), string(e.Row), fmt.Sprint(decoded), string(e.State), e.Message} {
			if what := f.find(text); what != "" {
				c.broken("an event of kind %q holds %s", e.Kind, what)
				return
			}
		}
	}
	if what := f.find(string(log)); what != "" {
		c.broken("the log holds %s", what)
	}
	if what := f.findInError(a.err, 0); what != "" {
		c.broken("the error that the host returned holds %s", what)
	}
}
