package host

import (
	"fmt"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/internal/rawjson"
	"github.com/penstock-sdk/penstock/schema"
)

// checkNames returns an error if the name of a table or of a column contains a secret. A
// name cannot be masked, because the platform refers to the table by it.
func (r *Run) checkNames(tables schema.Schema) error {
	for i, t := range tables.Tables() {
		if err := r.checkTable(fmt.Sprintf("table %d", i+1), t); err != nil {
			return err
		}
	}
	return nil
}

// checkTable is like checkNames, but checks one table. The error names the table by its
// position.
func (r *Run) checkTable(position string, t *schema.Table) error {
	if r.isSecretName(t.Schema) || r.isSecretName(t.Name) || r.isSecretName(t.Follows) {
		return secretName("a table", position)
	}
	for i := range t.Columns {
		if r.isSecretName(t.Columns[i].Name) {
			return secretName("a column", fmt.Sprintf("%s, column %d", position, i+1))
		}
	}
	return nil
}

func (r *Run) isSecretName(name string) bool {
	return r.redactor.inJSON([]byte(name)) || r.redactor.inJSON(rawjson.AppendString(nil, name))
}

func secretName(of, position string) error {
	return connector.Errorf(connector.Defect,
		"%s: the name of %s contains the value of a secret field of the configuration; the connector must derive the name from something else%s", position, of, byChance)
}
