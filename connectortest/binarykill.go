package connectortest

var binaryKillRule = rule{
	name:     "Kill",
	contract: "a process may be killed at any point, any number of times, without losing data: another process that starts from the last STATE line that arrived delivers everything that is missing",
	fix:      "write a STATE after the records that it covers, each line in one call; save the position in the source, not the progress of this one sync",
	onlyFix:  true,
	random:   true,
	check:    checkCrash,
}
