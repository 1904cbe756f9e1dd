package connectortest

import "github.com/penstock-sdk/penstock/schema"

// allTables returns the tables of the schema, and then those that a sync declared.
func allTables(s *suite, c *check, d *delivery) []*schema.Table {
	tables := s.discover(c)
	known := map[string]bool{}
	for _, t := range tables {
		known[t.String()] = true
	}
	for _, op := range d.platform.operations() {
		if op.table != nil && !known[op.table.String()] {
			known[op.table.String()] = true
			tables = append(tables, op.table)
		}
	}
	return tables
}

// rowPositions returns the positions of the rows, deleted ones included, among
// operations, by table.
func rowPositions(operations []appliedOperation) map[string][]int {
	positions := map[string][]int{}
	for i, op := range operations {
		if op.row != nil {
			positions[op.table.String()] = append(positions[op.table.String()], i)
		}
	}
	return positions
}
