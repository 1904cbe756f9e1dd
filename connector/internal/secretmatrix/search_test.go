package secretmatrix_test

import "github.com/penstock-sdk/penstock/internal/secretspelling"

// A search looks for the secrets of one kind in everything that arrives.
type search struct {
	kind        *secretspelling.Kind
	echoes      []*echo
	prose, data *secretspelling.Finder
	leaks       *tally
	// clean holds the texts that were searched and that contain no secret. Hosts write
	// many equal lines.
	clean map[output]bool
}

func newSearch(k *secretspelling.Kind, leaks *tally) *search {
	s := &search{kind: k, echoes: echoesOf(k), leaks: leaks, clean: map[output]bool{}}
	s.prose, s.data = finders(k)
	return s
}

// search records the leaks in texts that arrived through a way.
func (s *search) search(way string, outputs []output) {
	s.leaks.searchedIn(len(outputs))
	for _, o := range outputs {
		once := output{text: o.text, data: o.data}
		if s.clean[once] {
			continue
		}
		finder := s.prose
		if o.data {
			finder = s.data
		}
		what := finder.Find(o.text)
		if what == "" {
			s.clean[once] = true
			continue
		}
		guilty := responsible(finder, o.text, s.echoes)
		if len(guilty) == 0 {
			guilty = []*echo{{Spelling: secretspelling.Spelling{Name: "(encoded again)"}}}
		}
		for _, e := range guilty {
			s.leaks.leak(s.kind.Name, e.Name, way+", "+o.where, what, o.text)
		}
	}
}
