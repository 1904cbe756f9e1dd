package config

import (
	"encoding/json"
	"math/big"
)

// numberRules holds the rules of numbers. They compare exact values: a float64 would take
// 9007199254740993 for 9007199254740992.
type numberRules struct {
	minimum, maximum, above, below, multipleOf *big.Rat
}

func (n *numberRules) check(v visit, text json.Number) []failure {
	if *n == (numberRules{}) {
		return nil
	}
	number, ok := exact(text)
	if !ok {
		return v.wants("a number in range")
	}
	var failed []failure
	if n.minimum != nil && number.Cmp(n.minimum) < 0 {
		failed = append(failed, v.wants("at least "+n.minimum.RatString())...)
	}
	if n.maximum != nil && number.Cmp(n.maximum) > 0 {
		failed = append(failed, v.wants("at most "+n.maximum.RatString())...)
	}
	if n.above != nil && number.Cmp(n.above) <= 0 {
		failed = append(failed, v.wants("more than "+n.above.RatString())...)
	}
	if n.below != nil && number.Cmp(n.below) >= 0 {
		failed = append(failed, v.wants("less than "+n.below.RatString())...)
	}
	if n.multipleOf != nil && !new(big.Rat).Quo(number, n.multipleOf).IsInt() {
		failed = append(failed, v.wants("a multiple of "+n.multipleOf.RatString())...)
	}
	return failed
}

// exact returns the value of a JSON number. It returns false if the exponent is so large
// that the value would fill the memory.
func exact(number json.Number) (*big.Rat, bool) { return new(big.Rat).SetString(number.String()) }

// isWhole reports whether a number has no fraction, in whichever notation it is written.
func isWhole(number json.Number) bool {
	value, ok := exact(number)
	return ok && value.IsInt()
}
