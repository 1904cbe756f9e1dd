package host

// hide implements connector.Hide.
func (r *Run) hide(secrets ...string) {
	if r.redactor.hide(secrets) && !r.hidMany.Swap(true) {
		r.log.Warn("the connector hides too many values: the oldest ones are no longer masked; "+
			"hide only values that are still in use, and as few as possible", "limit", maxHidden)
	}
}

// hideOwned hides secrets that later ones of the same owner replace. It is the function hide
// of package runcredential.
func (r *Run) hideOwned(owner any, secrets ...string) {
	if r.redactor.addOwned(owner, secrets...) && !r.ownedMany.Swap(true) {
		r.log.Warn("the connector obtains too many tokens: the oldest ones are no longer masked; "+
			"use one client and one credential for each account during the whole run", "limit", maxOwned)
	}
}
