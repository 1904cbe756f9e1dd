package format

import (
	"encoding/xml"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"

	"github.com/penstock-sdk/penstock/internal/shorten"
	"github.com/penstock-sdk/penstock/internal/userwarning"
)

// This file contains the check for structs whose fields have no xml tags. The json tags of
// a struct name its columns, but package encoding/xml reads xml tags only.

// examinedRecords is the number of records whose elements are compared with the fields.
const examinedRecords = 100

// A tagCheck looks for the elements that a struct has no field for, although the json tag
// of a field has their name.
type tagCheck struct {
	loss *lossCheck      // nil if nobody would receive the warning
	typ  reflect.Type    // of the records
	json map[string]bool // the names that only json tags have; nil if there are none
	left int             // the records to examine
}

// decode decodes an element as names does, and warns if values of it are lost.
func (c *tagCheck) decode(names xmlNames, d *xml.Decoder, start xml.StartElement, nils bool, v any) error {
	if c.loss == nil {
		return names.decode(d, start, nils, v)
	}
	if t := reflect.TypeOf(v); t != c.typ {
		*c = tagCheck{loss: c.loss, typ: t, json: jsonNamesOnly(t), left: examinedRecords}
	}
	if c.left == 0 || len(c.json) == 0 || keepsText(c.typ) {
		return names.decode(d, start, nils, v)
	}
	c.left--
	var lost []string
	see := func(name string) {
		if c.json[name] && !slices.Contains(lost, name) {
			lost = append(lost, name)
		}
	}
	for _, a := range start.Attr {
		see(a.Name.Local)
	}
	err := decodeTokens(&presentTokens{d: d, start: &start, keepsNil: !nils, see: see}, v)
	if len(lost) > 0 && err == nil {
		c.left = 0
		c.warn(lost)
	}
	return err
}

func (c *tagCheck) warn(lost []string) {
	const most = 12
	for i, name := range lost {
		lost[i] = shorten.Line(name, 60)
	}
	if len(lost) > most {
		lost = append(lost[:most], fmt.Sprintf("and %d more", len(lost)-most))
	}
	typ := target(c.typ)
	message := fmt.Sprintf("%s of the XML text: no field of %s receives the value, because package encoding/xml reads the tag xml and not the tag json: "+
		"add tags such as `xml:\"%s\"`, or `xml:\"%[3]s,attr\"` for an attribute", strings.Join(lost, ", "), typ, lost[0])
	report := c.loss.source.Report
	report.Log().LogAttrs(c.loss.ctx, slog.LevelWarn, message, slog.String("source", report.Source))
	userwarning.Warn(c.loss.ctx, "tags of "+typ.String(), message)
}

var xmlUnmarshaler = reflect.TypeFor[xml.Unmarshaler]()

// target returns the type to which a type of pointers leads.
func target(t reflect.Type) reflect.Type {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

// jsonNamesOnly returns the names in the json tags of a struct's fields that package
// encoding/xml does not know. t is the type of a pointer to the struct. The result is nil if
// the type decodes itself or receives all elements.
func jsonNamesOnly(t reflect.Type) map[string]bool {
	typ := target(t)
	if typ == nil || typ.Kind() != reflect.Struct || reflect.PointerTo(typ).Implements(xmlUnmarshaler) {
		return nil
	}
	names, known := map[string]bool{}, map[string]bool{}
	if !collectTags(typ, names, known, 0) {
		return nil
	}
	for name := range known {
		delete(names, name)
	}
	return names
}

// collectTags adds the names of a struct's fields without an xml tag, and those that
// encoding/xml knows. It returns false if a field receives any element.
func collectTags(t reflect.Type, names, known map[string]bool, depth int) bool {
	for sf := range t.Fields() {
		tag, tagged := sf.Tag.Lookup("xml")
		inner := sf.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if sf.Anonymous && !tagged && inner.Kind() == reflect.Struct {
			if depth > 8 || !collectTags(inner, names, known, depth+1) {
				return false
			}
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		if !sf.IsExported() || tag == "-" {
			continue
		}
		if strings.Contains(options, "any") || strings.Contains(options, "innerxml") {
			return false
		}
		if name != "" {
			name, _, _ = strings.Cut(name[strings.LastIndex(name, " ")+1:], ">") // without the namespace
			known[name] = true
			continue
		}
		known[sf.Name] = true
		if inner.Kind() == reflect.Struct {
			if _, named := inner.FieldByName("XMLName"); named {
				return false // the name is that of the type
			}
		}
		if word, _, _ := strings.Cut(sf.Tag.Get("json"), ","); (options == "" || options == "omitempty") && word != "" && word != "-" {
			names[word] = true
		}
	}
	return true
}
