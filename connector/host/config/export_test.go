package config

// FormOfStruct is FormOf for a struct type that is made at run time. Such a type
// cannot have the methods of a connector.
var FormOfStruct = formOfStruct
