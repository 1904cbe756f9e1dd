package host

// linkedVersion is the version of the program if the linker sets it, as the command
// penstock package does:
//
//	go build -ldflags "-X github.com/penstock-sdk/penstock/connector/host.linkedVersion=1.2.3"
var linkedVersion string
