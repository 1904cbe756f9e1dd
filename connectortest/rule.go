package connectortest

// A rule is a sentence of the contract and the subtest that checks it.
type rule struct {
	name     string // of the subtest
	contract string
	fix      string // what to do if the rule is broken
	random   bool   // the check makes random choices
	check    func(*suite, *check)

	// defaultLoggers is set if the check needs suite.defaultLog.
	defaultLoggers bool

	// onlyFix ignores the fixes that the check has for particular failures.
	onlyFix bool
}

// withFix returns the rule with one fix for all failures, for programs that are not
// written with this module.
func (r rule) withFix(fix string) rule {
	r.fix, r.onlyFix = fix, true
	return r
}
