package hosttest

import (
	"maps"
	"slices"
)

var formRule = rule{
	name:     "Form",
	contract: "the form has every field of the configuration with its name, its default, and whether it is secret and required; it contains no secret",
	fix:      "call Run.Form and describe each field of Form.Walk by its Name, Secret, Required and Default",
	check: func(c *check) {
		if !c.adapter.Form {
			c.Skip("the wire does not describe the configuration")
		}
		given := newSource(&script{})
		given.RefreshToken = planted
		a := c.succeed(call{source: given, request: Request{Action: Form}})
		answers := a.of(Fields)
		if len(answers) != 1 {
			c.fatal("the host answered with %d forms, want 1", len(answers))
		}
		want := map[string]FormField{
			"account":       {Name: "account", Required: true},
			"token":         {Name: "token", Secret: true, Required: true},
			"refresh_token": {Name: "refresh_token", Secret: true},
			"region":        {Name: "region", Default: `"eu"`},
			"page_size":     {Name: "page_size", Default: "100"},
			"archived":      {Name: "archived"},
		}
		for _, f := range answers[0].Fields {
			expected, ok := want[f.Name]
			if !ok {
				c.broken("the form has the field %q, which the configuration does not have, or has it twice", f.Name)
				continue
			}
			if f.Name == "archived" && f.Default == "false" {
				f.Default = "" // false is the zero value of a bool, so both are the same
			}
			if f != expected {
				c.broken("field %s: got %+v, want %+v", f.Name, f, expected)
			}
			delete(want, f.Name)
		}
		for _, name := range slices.Sorted(maps.Keys(want)) {
			c.broken("the form lacks the field %s", name)
		}
		c.noSecrets(a, nil, planted)
	},
}
