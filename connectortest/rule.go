package connectortest

// A rule is a subtest: a sentence of the contract, and what looks whether it is
// kept.
type rule struct {
	name     string
	contract string
	mend     string
	random   bool
	check    func(*suite, *check)
}
