// Package secretmatrix proves that no secret leaves a run. Its tests configure a
// connector with each kind of secret of package secretspelling, let the connector put
// each spelling of the secret into everything that can leave a run, and search all that
// arrives: rows, states, logs, errors, warnings, the answers to other requests, the
// output of processes, and recordings of HTTP traffic. They do so for every host.
//
// By default, a sample is tested. With the flag -long, a run of package host repeats every
// spelling through logs, warnings, rows and states, and a quarter through each error; wires,
// clients and recordings repeat one of eight, because they hand on what a run gives them:
//
//	go test ./connector/internal/secretmatrix -long
//
// The exceptions that package connector documents are methods of secretspelling.Spelling.
// There is no list of failures that are accepted.
package secretmatrix
