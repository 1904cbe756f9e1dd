package fakeapi

import (
	"reflect"
	"slices"
	"strings"
)

// fields returns the names of the response's fields, starting with the rows.
func (c *collection) fields() (fields []string) {
	for _, field := range []string{c.under, c.next, c.total, c.more} {
		if field != "" {
			fields = append(fields, field)
		}
	}
	return fields
}

// check reports invalid and contradictory options.
func (c *collection) check(rows any) {
	c.checkPaging()
	c.checkPageSize()
	c.checkParameters()
	c.checkFields()
	c.checkFormat()
	c.checkWildcards(rows)
}

func (c *collection) checkPaging() {
	if c.style != whole && c.parameter == "" {
		c.wrong("the paging parameter has no name")
	}
	if (c.style == byToken || c.style == byNextURL) && c.next == "" {
		c.wrong("the field of the next page has no name")
	}
	if c.style == byKey && c.key == "" {
		c.wrong("the field of ByKey has no name")
	}
	if c.posted && (c.style == byLink || c.style == byNextURL) {
		c.wrong("a link cannot lead to the next page if parameters are in the body")
	}
}

func (c *collection) checkPageSize() {
	if c.style == whole && (c.size != defaultPageSize || c.sizedBy != "" || c.maxSize != 0) {
		c.wrong("there is a page size, but no option for paging")
	}
	if c.maxSize == 0 {
		c.maxSize = max(c.size, 1000)
	}
	if c.size > c.maxSize {
		c.wrong("the page size is %d, but the maximum is %d", c.size, c.maxSize)
	}
}

func (c *collection) checkParameters() {
	if (c.since.parameter == "") != (c.since.field == "") {
		c.wrong("option Since lacks the name of its parameter or of its field")
	}
	names := slices.Sorted(slices.Values(c.parameters()))
	for i, name := range names {
		if i > 0 && name == names[i-1] {
			c.wrong("two options use the parameter %s", name)
		}
	}
}

func (c *collection) checkFields() {
	if c.under == "" && len(c.fields()) > 0 && c.format.kind == asJSON {
		c.under = "data"
	}
	for i, field := range c.fields() {
		for _, other := range c.fields()[i+1:] {
			if overlap(field, other) {
				c.wrong("the fields %s and %s of the response overlap", field, other)
			}
		}
	}
}

// overlap reports whether two fields cannot be in one object.
func overlap(a, b string) bool {
	return a == b || strings.HasPrefix(a, b+".") || strings.HasPrefix(b, a+".")
}

func (c *collection) checkFormat() {
	if c.format.kind != asJSON && len(c.fields()) > 0 {
		c.wrong("option %s leaves no room for the fields of the response: %s", c.format.option, strings.Join(c.fields(), ", "))
	}
}

func (c *collection) checkWildcards(rows any) {
	used := slices.ContainsFunc(c.equal, func(f filter) bool { return c.wild(f.parameter) })
	wild := strings.Contains(strings.TrimSuffix(c.at, "{$}"), "{")
	if wild && !used && reflect.ValueOf(rows).Kind() != reflect.Func {
		c.wrong("every value of the path's wildcards leads to the same rows; use Equal to choose the rows of a path")
	}
}
