package host

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/penstock-sdk/penstock/internal/redact"
)

// A redactor masks secrets. It is safe for concurrent use, and secrets can be added at any
// time.
type redactor struct {
	adding sync.Mutex
	fixed  []string        // masked until the end of the run
	hidden []string        // the latest that the connector has hidden
	known  map[string]bool // fixed and hidden
	owned  ownedSecrets
	set    atomic.Pointer[redact.Set] // fixed, hidden and owned
	pasted pastedKeys                 // masked in text only
}

// maxHidden is the number of hidden values. Each takes about 10 KB.
const maxHidden = 10_000

// add adds secrets that are masked until the end of the run.
func (r *redactor) add(secrets []string) {
	r.adding.Lock()
	defer r.adding.Unlock()
	added := r.unknown(secrets)
	r.fixed = append(r.fixed, added...)
	r.mask(added)
}

// hide adds secrets that connector.Hide has registered. It reports whether there are now
// too many, so that the oldest ones are no longer masked.
func (r *redactor) hide(secrets []string) (full bool) {
	r.adding.Lock()
	defer r.adding.Unlock()
	added := r.unknown(secrets)
	r.hidden = append(r.hidden, added...)
	if full = len(r.hidden) > maxHidden; !full {
		r.mask(added)
		return false
	}
	// Half of them, so that the work for the others is seldom done.
	dropped := len(r.hidden) - maxHidden/2
	for _, s := range r.hidden[:dropped] {
		delete(r.known, s)
	}
	r.hidden = slices.Clone(r.hidden[dropped:])
	r.rebuild()
	return true
}

// addOwned adds secrets that later ones of the same owner replace, such as the tokens of one
// client. It may be called for each use of a secret. It reports whether there are now too
// many, so that some old ones are no longer masked; see [ownedSecrets].
func (r *redactor) addOwned(owner any, secrets ...string) (full bool) {
	r.adding.Lock()
	defer r.adding.Unlock()
	added := r.owned.add(owner, slices.DeleteFunc(slices.Clone(secrets), func(s string) bool { return s == "" || r.known[s] }))
	if full = r.owned.drop(); full {
		r.rebuild()
	} else {
		r.mask(added)
	}
	return full
}

// unknown returns the secrets that are neither fixed nor hidden, and makes them known.
func (r *redactor) unknown(secrets []string) []string {
	var added []string
	for _, s := range secrets {
		if s != "" && !r.known[s] {
			if r.known == nil {
				r.known = map[string]bool{}
			}
			r.known[s] = true
			added = append(added, s)
		}
	}
	return added
}

// mask makes the redactor look for further secrets. The time hardly depends on the number of
// those that it looks for already.
func (r *redactor) mask(added []string) {
	if len(added) > 0 {
		r.set.Store(r.set.Load().Add(added...))
	}
}

// rebuild makes the redactor look for the current secrets only.
func (r *redactor) rebuild() {
	r.set.Store(r.set.Load().With(slices.Concat(r.fixed, r.hidden, r.owned.all())))
}

// text returns a text for people with the secrets in it masked.
func (r *redactor) text(s string) string { return r.pasted.text(r.set.Load().Text(s)) }

// inJSON reports whether a canonical row or a state contains a secret. It is called
// for every row and does not allocate.
func (r *redactor) inJSON(b []byte) bool { return r.set.Load().InData(b) }
