package children

import "iter"

// List returns the elements of a slice as parents for [Each] and [Families]:
// regions, accounts, partitions.
func List[P any](parents []P) iter.Seq2[P, error] {
	return func(yield func(P, error) bool) {
		for _, p := range parents {
			if !yield(p, nil) {
				return
			}
		}
	}
}
