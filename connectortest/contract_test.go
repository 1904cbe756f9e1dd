package connectortest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// versioned is a connector whose configuration is compared with older versions.
type versioned struct {
	Key    connector.Secret `json:"key"`
	Region string           `json:"region" jsonschema:"enum=eu,enum=us"`
	Size   int              `json:"size" jsonschema:"minimum=1,maximum=100"`
	Days   []int            `json:"days,omitempty"`
	Login  struct {
		User string `json:"user"`
	} `json:"login"`
	script `json:"-"`
}

func newVersioned() *versioned {
	c := &versioned{Key: "key-0123456789", Region: "eu", Size: 10}
	c.Login.User = "u"
	c.script = script{
		tables: []schema.Table{keyed, {Name: "money", Columns: []schema.Column{
			{Name: "id", Type: schema.TypeInt, PrimaryKey: true},
			{Name: "sum", Type: schema.TypeDecimal, Precision: 10, Scale: 2},
		}}},
		sync: func(state.State, connector.Emitter) error { return nil },
	}
	return c
}

func compatibility(t *testing.T, path string) *connectortest.Report {
	t.Helper()
	opts := []connectortest.Option{connectortest.Contract(path, &versioned{Size: 10, script: newVersioned().script})}
	for _, name := range connectortest.RuleNames() {
		if name != "Compatibility" {
			opts = append(opts, connectortest.Skip(name, "not under test"))
		}
	}
	return connectortest.Record(t, newVersioned(), opts...)["Compatibility"]
}

func TestCompatibilityReportsBreakingChanges(t *testing.T) {
	t.Setenv("CI", "")
	path := filepath.Join(t.TempDir(), "contract.json")
	assert.Contains(t, compatibility(t, path).String(), "run go test -connectortest.update to create it")
	updating(t, "true")
	require.Empty(t, compatibility(t, path).Failures)
	updating(t, "false")
	committed, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, test := range []struct{ before, was, want string }{
		{"the same", "", ""},
		{`"key",` + "\n", "", "field key is newly required, but existing configurations may lack it"},
		{`"region": {`, `"land": {"type": "string"}, "region": {`, "field land has disappeared"},
		{`"format": "password"`, `"format": "password", "pattern": "x"`, ""},
		{`"eu",`, `"eu", "asia",`, "field region can no longer be asia"},
		{`"type": "integer"`, `"type": "string"`, `field days[] has the type "integer" instead of "string"`},
		{`"minimum": 1`, `"minimum": 0`, "field size must be at least 1, but could be less before"},
		{`"maximum": 100`, `"maximum": 1000`, "field size must be at most 100, but could be more before"},
		{`"minLength": 1`, `"minLength": 0`, "field key has a stricter limit on its length"},
		{`"s.money": {`, `"s.gone": {"columns": {}}, "s.money": {`, "table s.gone has disappeared"},
		{`"sum": {`, `"gone": {"type": "INT"}, "sum": {`, "table s.money: column gone has disappeared"},
		{`"type": "INT"`, `"type": "SHORT"`, ""},
		{`"type": "INT"`, `"type": "LONG"`, "table s.money: column id has the type INT instead of LONG"},
		{`"precision": 10`, `"precision": 9`, ""},
		{`"precision": 10`, `"precision": 11`, "table s.money: column sum has the type DECIMAL(10,2) instead of DECIMAL(11,2)"},
		{`"scale": 2`, `"scale": 3`, "table s.money: column sum has the type DECIMAL(10,2) instead of DECIMAL(10,3)"},
		{`"scale": 2`, `"scale": 1`, "table s.money: column sum has the type DECIMAL(10,2) instead of DECIMAL(10,1)"},
		{`"primary_key": [` + "\n" + `        "id"`, `"primary_key": [` + "\n" + `        "sum"`, "has the primary key [id] instead of [sum]"},
	} {
		t.Run(test.before+" was "+test.was, func(t *testing.T) {
			text := strings.Replace(string(committed), test.before, test.was, 1)
			require.Equal(t, test.before == "the same", text == string(committed))
			require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
			r := compatibility(t, path)
			if test.want == "" {
				assert.Empty(t, r.Failures)
				return
			}
			assert.Contains(t, r.String(), test.want)
		})
	}
}

func TestAContractIsNotWrittenInContinuousIntegration(t *testing.T) {
	t.Setenv("CI", "true")
	updating(t, "true")
	path := filepath.Join(t.TempDir(), "contract.json")
	assert.Contains(t, compatibility(t, path).String(), "in continuous integration")
	assert.NoFileExists(t, path)
}
