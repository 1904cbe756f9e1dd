package hosttest

// A rule is a subtest. It checks one sentence of the contract.
type rule struct {
	name     string
	contract string // the sentence
	fix      string // what the author of a host does to keep the rule
	check    func(*check)
}

func rules() []rule {
	return []rule{
		formRule, checkRule, schemaRule,
		operationsRule, togetherRule, valuesRule, largeRule, determinismRule,
		incrementalRule, checkpointsRule, repeatedStateRule, deliveredRule,
		failedSyncRule, failedTableRule,
		cancelRule, abandonedRule, lateRule,
		slowReaderRule, stuckReaderRule, goneReaderRule,
		selectionRule, secretsRule, pastedKeyRule, replacedSecretRule,
	}
}
