package hosttest

// A rule is a subtest: a sentence of the contract, and a function that checks
// whether the host keeps it.
type rule struct {
	name     string
	contract string
	check    func(*check)
}

func rules() []rule {
	return []rule{
		formRule, checkRule, schemaRule,
		operationsRule, valuesRule, largeRule, determinismRule,
		incrementalRule, checkpointsRule,
		failedSyncRule, failedTableRule,
		cancelRule, abandonedRule, lateRule,
		slowReaderRule, stuckReaderRule, goneReaderRule,
		selectionRule, secretsRule, replacedSecretRule,
	}
}
