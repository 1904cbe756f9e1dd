package warehouse

// Mirrored reports whether text is the content that the state file may have if nobody
// has edited it. The text "" means that the file is missing.
func (w *Warehouse) Mirrored(text string) bool {
	return text == w.mirrored || text == w.mirroring || text != "" && text == w.state
}

// Mirroring must be called before the state is written to the state file. Until
// MirroredNow is called, the file may hold its previous content or the state.
func (w *Warehouse) Mirroring() error {
	if err := w.setMeta("mirroring", w.state); err != nil {
		return err
	}
	w.mirroring = w.state
	return nil
}

// MirroredNow must be called after the state was written to the state file.
func (w *Warehouse) MirroredNow() error {
	if err := w.setMeta("mirrored", w.mirroring); err != nil {
		return err
	}
	w.mirrored = w.mirroring
	return nil
}
