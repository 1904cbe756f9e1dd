package fakeapi

// What the fuzz target of page tokens needs.
var (
	SealToken  = seal
	ParseToken = parseToken
)
