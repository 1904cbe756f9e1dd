package warehouse

// Mirrored reports whether a text is what a file beside the warehouse may hold
// that has followed it: "" if it was never written.
func (w *Warehouse) Mirrored(text string) bool {
	return text == w.mirrored || text == w.mirroring || text != "" && text == w.state
}

// Mirroring says that a file beside the warehouse is about to get the state: from
// now until MirroredNow it holds the one or the other.
func (w *Warehouse) Mirroring() error {
	if err := w.setMeta("mirroring", w.state); err != nil {
		return err
	}
	w.mirroring = w.state
	return nil
}

// MirroredNow says that the file has got the state.
func (w *Warehouse) MirroredNow() error {
	if err := w.setMeta("mirrored", w.mirroring); err != nil {
		return err
	}
	w.mirrored = w.mirroring
	return nil
}
