package config

// FormOfStruct is FormOf for a struct that is made at run time, which can't
// have the methods of a connector.
var FormOfStruct = formOfStruct
