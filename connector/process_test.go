package connector_test

var binaries = map[string]func(){}
