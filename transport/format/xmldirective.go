package format

// An xmlDirective finds the end of a document type declaration, which may contain other
// declarations and comments.
type xmlDirective struct {
	brackets int
	quote    byte
	opened   int // how many bytes of "<!--" the last ones are
	comment  bool
	dashes   int // how many dashes the last bytes of a comment are, up to 2
}

// ends reads a byte. It reports whether the byte ends the declaration.
func (d *xmlDirective) ends(c byte) bool {
	const opening = "<!--"
	if d.comment {
		d.comment = d.dashes < 2 || c != '>'
		if c != '-' {
			d.dashes = 0
		} else if d.dashes < 2 {
			d.dashes++
		}
		return false
	}
	if d.opened > 0 {
		if c == opening[d.opened] {
			if d.opened++; d.opened == len(opening) {
				d.comment, d.dashes, d.opened = true, 0, 0
			}
			return false
		}
		d.opened = 0
		d.brackets++
	}
	switch {
	case d.quote != 0:
		if c == d.quote {
			d.quote = 0
		}
	case c == '"', c == '\'':
		d.quote = c
	case c == '<':
		d.opened = 1
	case c == '>' && d.brackets > 0:
		d.brackets--
	case c == '>':
		return true
	}
	return false
}
