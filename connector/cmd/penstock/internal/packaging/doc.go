// Package packaging turns a connector's Go package into files that a data platform
// runs: a container image's files for Airbyte, a project for Meltano, and a folder for
// Fivetran's Connector SDK.
//
// [Find] finds the package, [Program.Build] compiles it, and a [Binary] is asked
// whether it serves the platform. [Airbyte], [Meltano] and [Fivetran] return the files
// as a [Folder], which writes all of them or none.
package packaging
