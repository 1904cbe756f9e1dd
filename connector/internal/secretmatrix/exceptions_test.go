package secretmatrix_test

import "github.com/penstock-sdk/penstock/internal/secretspelling"

// isException reports whether a secret that a text for people repeats need not be
// recognized.
func isException(e *echo) bool { return e.IsException(e.secret) }

// isExceptionWithin is isException for a text that other text follows.
func isExceptionWithin(e *echo) bool { return e.IsExceptionWithin(e.secret) }

// isExceptionInData is isException for rows and states. A connector may also put a number
// into a row whose digits are those of a secret. No connector of these tests does.
func isExceptionInData(e *echo) bool { return e.IsExceptionInData(e.secret) }

// finders returns the finder for text that people read, and the one for rows and states.
func finders(k *secretspelling.Kind) (prose, data *secretspelling.Finder) {
	prose, data = secretspelling.NewFinder(), secretspelling.NewFinder()
	for _, text := range k.Confidential() {
		prose.Add(k.Name, text)
		if len(text) >= secretspelling.ShortInData {
			data.Add(k.Name, text)
		}
	}
	return prose, data
}
