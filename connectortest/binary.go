package connectortest

import (
	"encoding/json"
	"testing"
)

// RunBinary tests the program of a connector, in any language. It starts the
// program at path as a platform does, with a request on standard input. It checks
// the lines that the program writes, its exit status, and the data that arrives if
// the process is killed.
//
// secrets is the configuration, as the JSON object of a request's member "secrets".
// The program inherits the environment of the test. RunBinary has the subtests Spec,
// Schema, Test, Sync, Incremental, Resume, Selection, Secrets, Determinism,
// StateSize and Compatibility of [Run]. In place of the others, which intercept the
// connector's calls, it has:
//
//	Kill        processes that are killed (kill -9) at any point, many times in a
//	            row, lose nothing
//	Terminate   a process that receives SIGTERM ends within seconds, after its last
//	            STATE, even if its reader has stopped reading; no line of up to 4,096
//	            bytes is then cut (on Linux)
//	ClosedPipe  a process whose reader closes the pipe ends within seconds
//	Garbage     a malformed request is reported
//
// If path is a script that starts another program, it should use exec: RunBinary
// sends signals to one process. A short sync may end before a signal arrives, so
// Kill and Terminate test more if the source responds slowly or has thousands of
// rows. RunBinary starts the program a few hundred times, or fewer with [Restarts].
func RunBinary(t *testing.T, path string, secrets json.RawMessage, opts ...Option) {
	t.Helper()
	newBinarySuite(path, secrets, opts).run(testingT{t})
}

// binaryRules returns the rules of RunBinary in the order of their subtests.
func binaryRules() []rule {
	return []rule{
		binarySpecRule, binarySchemaRule, binaryTestRule, binarySyncRule,
		incrementalRule.withFix("read every page to its end; save only values from rows and responses in the state, and nothing that grows with each sync; write whole rows"),
		resumeRule.withFix("write a record first, then a STATE that covers it, each line in one call; when resuming, read from the cursor's value on, including rows with exactly that value"),
		binaryKillRule, binaryTerminateRule, binaryClosedPipeRule, binaryGarbageRule,
		selectionRule.withFix("call penstock.Main in main, or omit the tables and columns that selection.tables of the request deselects; don't make anything depend on whether a table is selected"),
		binarySecretsRule, determinismRule, stateSizeRule, compatibilityRule,
	}
}
