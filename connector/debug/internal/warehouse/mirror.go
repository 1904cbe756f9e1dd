package warehouse

import "slices"

// Mirrored reports whether a text is the warehouse's state, or what a file beside
// the warehouse may hold that has followed it: "" if it was never written.
func (w *Warehouse) Mirrored(text string) bool {
	return text == w.state || slices.Contains(w.mirrored, text)
}

// Mirroring says that a file beside the warehouse is about to get the state.
func (w *Warehouse) Mirroring() error {
	if w.state == "" || len(w.mirrored) == 2 && w.mirrored[1] == w.state {
		return nil
	}
	last := ""
	if len(w.mirrored) == 2 {
		last = w.mirrored[1]
	}
	if err := w.setMeta("mirrored", last); err != nil {
		return err
	}
	if err := w.setMeta("mirroring", w.state); err != nil {
		return err
	}
	w.mirrored = []string{last, w.state}
	return nil
}
