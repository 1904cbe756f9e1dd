package airbyte

import (
	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
)

// A target is where the rows of one declaration of a table go.
type target struct {
	*stream
	prefix string // of a RECORD line, up to the row
	added  addedColumns
}

// targetOf returns the target of a table. The runtime delivers the rows of selected
// tables only, and a record of any other stream would make the platform stop reading.
func (d *delivery) targetOf(t *schema.Table) (*target, error) {
	if t == d.last {
		return d.target, nil
	}
	found := d.targets[t]
	if found == nil {
		s := d.streamOf(t)
		if s == nil {
			return nil, connector.Errorf(connector.Defect, "write a message: table %s is not in the configured catalog", t)
		}
		descriptor := s.quoted[1 : len(s.quoted)-1] // the members, of which name comes first
		found = &target{
			stream: s, added: addedTo(t),
			prefix: `{"type":"RECORD","record":{"stream"` + descriptor[len(`"name"`):] + `,"data":`,
		}
		d.targets[t] = found
	}
	d.last, d.target = t, found
	return found, nil
}
