package connectortest

import "github.com/penstock-sdk/penstock/connector/host"

// tableDeletes are the deletes of one table.
type tableDeletes struct {
	// keys holds the primary keys that were deleted, in the order of their first
	// delete.
	keys []string
	// last holds for each of them whether the last operation on it is a delete.
	last      map[string]bool
	truncated bool
}

// deletesOf returns the deletes of each table.
func deletesOf(operations []appliedOperation) map[string]*tableDeletes {
	tables := map[string]*tableDeletes{}
	for i := range operations {
		op := &operations[i]
		if op.table == nil {
			continue
		}
		name := op.table.String()
		if tables[name] == nil {
			tables[name] = &tableDeletes{last: map[string]bool{}}
		}
		tables[name].add(op)
	}
	return tables
}

func (t *tableDeletes) add(op *appliedOperation) {
	_, known := t.last[op.key]
	switch op.kind {
	case host.OpDelete:
		if !known {
			t.keys = append(t.keys, op.key)
		}
		t.last[op.key] = true
	case host.OpUpsert:
		if known {
			t.last[op.key] = false
		}
	case host.OpTruncate:
		for _, key := range t.keys {
			t.last[key] = false
		}
		t.truncated = true
	}
}

// missing returns the primary keys that are deleted in the end, but that another
// platform was never told to delete. Both may be nil.
func (t *tableDeletes) missing(other *tableDeletes) []string {
	if t == nil || other != nil && other.truncated {
		return nil
	}
	var missing []string
	for _, key := range t.keys {
		if !t.last[key] {
			continue
		}
		if other != nil {
			if _, told := other.last[key]; told {
				continue
			}
		}
		missing = append(missing, key)
	}
	return missing
}
