module github.com/penstock-sdk/penstock/examples/benchmark

go 1.26.0

require github.com/go-json-experiment/json v1.27.2
