package connectortest

// A rule is a sentence of the contract and the subtest that checks it.
type rule struct {
	name     string // of the subtest
	contract string
	fix      string // what to do if the rule is broken
	random   bool   // the check makes random choices
	check    func(*suite, *check)
}

// withFix returns the rule with a different fix.
func (r rule) withFix(fix string) rule {
	r.fix = fix
	return r
}
