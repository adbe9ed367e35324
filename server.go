// Chaveiro is a self-hosted portal where a software house keeps its clients' marketplace credentials, and where their
// back-offices get them. This file hands the command line to internal/app/cli.
package main

import (
	"os"

	"github.com/chaveiro/chaveiro/internal/app/cli"
)

// version is set when a release is built.
var version = "dev"

func main() {
	os.Exit(cli.Main(version, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
