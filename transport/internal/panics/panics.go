// Package panics carries a panic from the goroutine in which it happened to the
// goroutine that waits for it, where the caller can recover it.
package panics

// A Value is a panic that was caught. A nil *Value means that there was no
// panic.
type Value struct{ value any }

// Catch calls f. It returns the panic of f, or nil. A call of runtime.Goexit in
// f counts as a panic.
func Catch(f func()) (v *Value) {
	finished := false
	defer func() {
		if r := recover(); r != nil || !finished {
			v = &Value{r}
		}
	}()
	f()
	finished = true
	return nil
}

// Repeat panics with the value of v, unless v is nil.
func (v *Value) Repeat() {
	if v != nil {
		panic(v.value)
	}
}
