package connectortest

var binaryKillRule = rule{
	name:     "Kill",
	contract: "processes may be killed anywhere, any number of times, and lose nothing: from the last STATE line that arrived, another process delivers everything that is missing",
	fix:      "write a STATE after the records that it covers, each line in one call; save the position in the source, not the progress of this one sync",
	random:   true,
	check:    checkCrash,
}
