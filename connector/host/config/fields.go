package config

import (
	"cmp"
	"reflect"
	"slices"
	"strings"

	"github.com/penstock-sdk/penstock/internal/structtag"
)

// A place is the position of a struct in the tree.
type place struct {
	goName string
	within []reflect.Type // the types of the structs, lists and maps around it
	index  []int          // of an embedded struct, within the struct that its fields belong to
	at     []int          // within the connector, or nil within a list, map or pointer
}

// inside returns the place of a field of the struct at p.
func (p place) inside(sf reflect.StructField) place {
	p.goName += "." + sf.Name
	p.index = append(slices.Clip(p.index), sf.Index...)
	if p.at != nil {
		p.at = append(slices.Clip(p.at), sf.Index...)
	}
	return p
}

// fieldsOf returns the fields of a struct type. The fields of an embedded
// struct take its place.
func (b *builder) fieldsOf(t reflect.Type, p place) []Field {
	fields := b.appendFields(nil, t, p)
	owners := map[string]string{}
	for _, f := range fields {
		if owner, taken := owners[f.Name]; taken {
			b.report(f.goName, "%s has the same name in the configuration, %q: give each field its own name", owner, f.Name)
		}
		owners[f.Name] = f.goName
	}
	return fields
}

// appendFields appends the fields of a struct type.
func (b *builder) appendFields(fields []Field, t reflect.Type, p place) []Field {
	p.within = append(slices.Clip(p.within), t)
	for sf := range t.Fields() {
		name, _, _ := strings.Cut(sf.Tag.Get("json"), ",")
		if sf.Tag.Get("json") == "-" || !sf.IsExported() && !sf.Anonymous {
			continue
		}
		at := p.inside(sf)
		if problem := structtag.Problem(sf.Tag); problem != "" {
			b.report(at.goName, "%s", problem)
		}
		if sf.Anonymous && name == "" && isStruct(sf.Type) {
			if b.checkEmbedded(sf, at.goName) {
				at.goName = p.goName
				fields = b.appendFields(fields, sf.Type, at)
			}
			continue
		}
		f := Field{Name: cmp.Or(name, sf.Name), goName: at.goName, typ: sf.Type, tag: sf.Tag, index: at.index, at: at.at}
		if at.at != nil {
			f.connector = b.connector
		}
		switch {
		case sf.IsExported():
			b.checkNames(&f)
			b.describe(&f, p.within)
			fields = append(fields, f)
		case name != "":
			b.report(f.goName, "an embedded field of the unexported type %v can't be set: give the field an exported name, as in %s, or tag it `json:\"-\"`", sf.Type, namedField(sf))
		case sf.Type.Kind() != reflect.Interface:
			b.describe(&f, p.within) // it cannot be set, but its type is part of the JSON Schema
		}
	}
	return fields
}

// checkNames reports a json tag that the tree and the JSON Schema would
// interpret differently.
func (b *builder) checkNames(f *Field) {
	name, options, _ := strings.Cut(f.tag.Get("json"), ",")
	if name == "-" {
		b.report(f.goName, "json tag: write `json:\"-\"` without a comma to keep the field out of the configuration")
	}
	if options == "" {
		return
	}
	for option := range strings.SplitSeq(options, ",") {
		switch option {
		case "omitempty", "omitzero":
			f.omittable = true
		case "string":
			b.report(f.goName, "json tag: remove the option \"string\": text is converted to the type of the field")
		default:
			b.report(f.goName, "json tag: %q is not an option: a field takes omitempty and omitzero", option)
		}
	}
}
