package connectortest_test

import (
	"slices"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/state"
)

// checkpoint marks a place from which a sync can be continued.
func checkpoint(out connector.Emitter, st state.State) error { return out.Checkpoint(st) }

// warned reports whether a sync delivered a warning.
func warned(r *connectortest.Result) bool {
	return slices.ContainsFunc(r.Operations, func(op connectortest.Operation) bool { return op.Kind == connector.OpWarning })
}
