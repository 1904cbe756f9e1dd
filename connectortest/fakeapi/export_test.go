package fakeapi

// Exported for the fuzz test of page tokens.
var (
	SealToken  = seal
	ParseToken = parseToken
)
