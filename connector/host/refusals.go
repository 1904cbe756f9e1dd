package host

import "slices"

// refusals records the parts of the state whose position may have moved past an
// operation that was refused because the sync ends early.
type refusals struct {
	all   bool
	parts map[string]bool
}

// add records a refusal to an emitter of u, or of the whole sync if u is nil.
func (r *refusals) add(u *unit) {
	if u == nil {
		r.all = true
		return
	}
	if r.parts == nil {
		r.parts = map[string]bool{}
	}
	for _, p := range u.parts {
		r.parts[p] = true
	}
}

// concern reports whether any of the parts is recorded. Nil means all parts.
func (r *refusals) concern(parts []string) bool {
	if r.all || parts == nil && len(r.parts) > 0 {
		return true
	}
	return slices.ContainsFunc(parts, func(p string) bool { return r.parts[p] })
}
