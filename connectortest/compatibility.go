package connectortest

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
)

var compatibilityRule = rule{
	name:     "Compatibility",
	contract: "a new version works with the configurations and the tables of the old one: no field is newly required, gone or of another type, and no table, column, type or primary key that users have is another one",
	mend:     "give a new field a default, and a changed column or table a new name beside the old one; if the change is meant, go test -connectortest.update writes the file anew",
	check: func(s *suite, c *check) {
		if s.contract == "" {
			c.Skipf("skipped: the option Contract names no file to compare with")
		}
		now, err := s.contractNow(c)
		if err != nil {
			c.hopeless("%v", err)
		}
		if *update {
			if err := writeCommitted(s.contract, now.text()); err != nil {
				c.hopeless("%v", err)
			}
			return
		}
		text, err := os.ReadFile(s.contract)
		if err != nil {
			c.hopeless("%v\ngo test -connectortest.update writes it", err)
		}
		var before contract
		if err := json.Unmarshal(text, &before); err != nil {
			c.hopeless("%s: %v", s.contract, err)
		}
		for _, change := range slices.Concat(before.Spec.changes("", now.Spec), changedTables(before.Tables, now.Tables)) {
			c.broken("%s", change)
		}
		if text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")); !c.Failed() && !bytes.Equal(text, now.text()) {
			c.Logf("the connector has more than %s says, and none of it breaks anything: go test -connectortest.update adds it", s.contract)
		}
	},
}
