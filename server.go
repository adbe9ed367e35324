// Chaveiro is a self-hosted portal where a software house keeps its clients' marketplace credentials, and where their
// back-offices get them. This file hands the command line to internal/app/cli.
package main

import (
	_ "embed"
	"os"
	"strings"

	"github.com/chaveiro/chaveiro/internal/app/cli"
)

// version is the release, or with -dev behind it the one that this will be.
//
//go:embed VERSION
var version string

func main() {
	os.Exit(cli.Main(strings.TrimSpace(version), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
