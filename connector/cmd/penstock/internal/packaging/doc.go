// Package packaging turns a connector's Go package into files that a data platform
// runs: a container image's files for Airbyte, and a project for Meltano.
//
// [Find] finds the package, [Program.Build] compiles it, and a [Binary] is asked
// whether it serves the platform. [Airbyte] and [Meltano] return the files as a
// [Folder], which writes all of them or none.
package packaging
