package connectortest

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
)

var compatibilityRule = rule{
	name:     "Compatibility",
	contract: "a new version of the connector works with the configurations and tables of the old one: no field becomes required, disappears or changes its type, and no table, column, type or primary key disappears or changes",
	fix:      "give a new field a default; add a changed table or column under a new name beside the old one; if the change is intended, run go test -connectortest.update to rewrite the file",
	check:    checkCompatibility,
}

func checkCompatibility(s *suite, c *check) {
	if s.contract == "" {
		c.Skipf("skipped: pass the option Contract, which names a file to compare with")
	}
	now, err := currentContract(s, c)
	if err != nil {
		c.fatalf("%v", err)
	}
	if *update {
		if err := writeCommitted(s.contract, now.text()); err != nil {
			c.fatalf("%v", err)
		}
		return
	}
	text, err := os.ReadFile(s.contract)
	if err != nil {
		c.fatalWithf("run go test -connectortest.update, and commit the file", "%v\nrun go test -connectortest.update to create it", err)
	}
	var before contract
	if err := json.Unmarshal(text, &before); err != nil {
		c.fatalWithf("restore the committed file", "%s: %v", s.contract, err)
	}
	for _, change := range slices.Concat(before.Spec.changes("", now.Spec), tableChanges(before.Tables, now.Tables)) {
		c.failf("%s", change)
	}
	if text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")); !c.Failed() && !bytes.Equal(text, now.text()) {
		c.Logf("the connector has compatible additions that %s does not contain: run go test -connectortest.update to add them", s.contract)
	}
}
