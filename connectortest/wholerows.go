package connectortest

import (
	"slices"

	"github.com/penstock-sdk/penstock/connector/host"
)

var wholeRowsRule = rule{
	name:     "WholeRows",
	contract: "on a platform that does not accept partial rows, such as Airbyte and Singer, a sync delivers the same data as on one that does",
	fix:      "call Update only if Emitter.TakesUpdates reports true; otherwise read the whole row and deliver it with Upsert. If the connector cannot read the whole row, it runs only on platforms that accept partial rows: document that and skip this subtest",
	check:    checkWholeRows,
}

func checkWholeRows(s *suite, c *check) {
	baseline := s.baseline(c)
	if !slices.ContainsFunc(baseline.platform.operations(), func(op appliedOperation) bool { return op.kind == host.OpUpdate }) {
		return // all platforms receive the same operations
	}
	whole := s.sync(c.Context(), attempt{wholeRows: true})
	if whole.err != nil {
		c.failf("a sync to a platform that does not accept partial rows failed: %s", whole.failure())
		return
	}
	if diff := s.compareComplete().diff(whole.platform, baseline.platform); diff != "" {
		c.failf("on a platform that does not accept partial rows, the rows differ from those on a platform that does:\n%s", diff)
	}
}
