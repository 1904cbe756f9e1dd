package config

import "math/big"

// countRules limits a number of characters, items or members. A limit of nil is no limit.
type countRules struct{ least, most *big.Int }

func (c countRules) tooFew(count int) bool {
	return c.least != nil && c.least.Cmp(big.NewInt(int64(count))) > 0
}

func (c countRules) tooMany(count int) bool {
	return c.most != nil && c.most.Cmp(big.NewInt(int64(count))) < 0
}
