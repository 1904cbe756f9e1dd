package config

// read compiles one keyword of a schema into its rule. It ignores unknown keywords, such as
// x-rotates, as the specification demands.
func (r *ruleReader) read(into *rule, k keyword) {
	_ = r.readValue(into, k) || r.readText(into, k) || r.readNumber(into, k) || r.readList(into, k) || r.readObject(into, k) ||
		r.readLogic(into, k) || r.readIdentity(k) || r.readAnnotation(k)
}

// readValue reads a keyword that applies to values of all types.
func (r *ruleReader) readValue(into *rule, k keyword) bool {
	switch k.name {
	case "type":
		into.types = r.types(k)
	case "const":
		key := keyOf(k.value)
		into.constant = &key
	case "enum":
		into.choices = choicesOf(r.array(k))
	case "format":
		into.format, _ = r.text(k)
	case "$ref":
		into.ref = r.reference(k)
	case "$dynamicRef", "$recursiveRef", "$recursiveAnchor", "unevaluatedItems", "unevaluatedProperties", "additionalItems":
		r.report(k.at, "the keyword %s is not supported", k.name)
	default:
		return false
	}
	return true
}

func (r *ruleReader) readText(into *rule, k keyword) bool {
	switch k.name {
	case "minLength":
		into.text.length.least = r.count(k)
	case "maxLength":
		into.text.length.most = r.count(k)
	case "pattern":
		into.text.pattern = r.expression(k)
	default:
		return false
	}
	return true
}

func (r *ruleReader) readNumber(into *rule, k keyword) bool {
	switch k.name {
	case "minimum":
		into.number.minimum = r.number(k)
	case "maximum":
		into.number.maximum = r.number(k)
	case "exclusiveMinimum":
		into.number.above = r.number(k)
	case "exclusiveMaximum":
		into.number.below = r.number(k)
	case "multipleOf":
		into.number.multipleOf = r.number(k)
		if n := into.number.multipleOf; n != nil && n.Sign() <= 0 {
			r.report(k.at, "want a number above zero")
		}
	default:
		return false
	}
	return true
}

func (r *ruleReader) readList(into *rule, k keyword) bool {
	switch k.name {
	case "items":
		into.list.items = r.subschema(k)
	case "prefixItems":
		into.list.first = r.subschemas(k)
	case "minItems":
		into.list.count.least = r.count(k)
	case "maxItems":
		into.list.count.most = r.count(k)
	case "uniqueItems":
		into.list.unique = r.flag(k)
	case "contains":
		into.list.contains = r.subschema(k)
	case "minContains":
		into.list.contained.least = r.count(k)
	case "maxContains":
		into.list.contained.most = r.count(k)
	default:
		return false
	}
	return true
}

func (r *ruleReader) readObject(into *rule, k keyword) bool {
	switch k.name {
	case "properties":
		into.object.properties = map[string]*rule{}
		for _, member := range r.members(k) {
			into.object.properties[member.name] = r.subschema(member)
		}
	case "patternProperties":
		for _, member := range r.members(k) {
			name := member
			name.value = member.name
			if names := r.expression(name); names != nil {
				into.object.patterns = append(into.object.patterns, patternRule{names, r.subschema(member)})
			}
		}
	case "additionalProperties":
		into.object.closed = k.value == false
		into.object.additional = r.subschema(k)
	case "propertyNames":
		into.object.names = r.subschema(k)
	case "required":
		into.object.required = r.names(k)
	case "minProperties":
		into.object.count.least = r.count(k)
	case "maxProperties":
		into.object.count.most = r.count(k)
	case "dependentRequired", "dependentSchemas", "dependencies":
		for _, member := range r.members(k) {
			into.object.dependents = append(into.object.dependents, r.dependent(k.name, member))
		}
	default:
		return false
	}
	return true
}

// dependent returns what an object must obey if it has a member. The keyword dependencies
// of former drafts takes names as well as a schema.
func (r *ruleReader) dependent(keyword string, member keyword) dependentRule {
	d := dependentRule{keyword: "dependentRequired", member: member.name}
	_, isArray := member.value.([]any)
	if keyword == "dependencies" {
		d.keyword = "dependency"
	}
	if keyword == "dependentRequired" || keyword == "dependencies" && isArray {
		d.required = r.names(member)
	} else {
		d.rule = r.subschema(member)
	}
	return d
}

func (r *ruleReader) readLogic(into *rule, k keyword) bool {
	switch k.name {
	case "not":
		into.logic.not = r.subschema(k)
	case "allOf":
		into.logic.all = r.subschemas(k)
	case "anyOf":
		into.logic.some = r.subschemas(k)
	case "oneOf":
		into.logic.one = r.subschemas(k)
	case "if":
		into.logic.when = r.subschema(k)
	case "then":
		into.logic.then = r.subschema(k)
	case "else":
		into.logic.otherwise = r.subschema(k)
	default:
		return false
	}
	return true
}
