// Command gen generates the code of the GraphQL API as gqlgen does, in the root of the repository, but for what would
// cost each answer time and gain nothing:
//
//   - Fields and elements of lists are resolved one after the other. gqlgen starts a goroutine for each; here none of
//     them waits for anything but the database, and the first row of a list reads what all the others need. Fields of
//     Query stay concurrent.
//   - Nothing is prepared for the directive defer, which the schema does not have.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"github.com/99designs/gqlgen/api"
	"github.com/99designs/gqlgen/codegen"
	"github.com/99designs/gqlgen/codegen/config"
	"golang.org/x/tools/imports"
)

func main() {
	if err := generate(); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func generate() error {
	c, err := config.LoadConfigFromDefaultLocations()
	if err != nil {
		return err
	}
	if err := api.Generate(c, api.AddPlugin(inTurn{})); err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(c.Exec.DirName, "*.generated.go"))
	if err != nil {
		return err
	}
	for _, file := range files {
		if err := rewrite(file); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return nil
}

// inTurn is a plugin of gqlgen that has the fields of all objects but Query resolved one after the other.
type inTurn struct{}

// Name implements plugin.Plugin.
func (inTurn) Name() string { return "inturn" }

// GenerateCode implements plugin.CodeGenerator. It generates nothing, but comes before what does.
func (inTurn) GenerateCode(data *codegen.Data) error {
	for _, object := range data.Objects {
		object.DisableConcurrency = object != data.QueryRoot
	}
	return nil
}

var (
	slices   = regexp.MustCompile(`graphql\.MarshalSliceConcurrently\(ctx, len\(v\), 0, false, `)
	deferred = regexp.MustCompile(`(?m)^\tdeferred := graphql\.NewDeferredGroup\(ctx\)\n|` +
		`^\tif n := len\(deferred\.Defers\); n > 0 \{\n(?:\t\t.*\n)+\t\}\n\n`)
)

// rewrite takes out of a generated file what gqlgen has no setting for.
func rewrite(file string) error {
	source, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	source = slices.ReplaceAll(source, []byte("marshalInTurn(ctx, len(v), "))
	source = deferred.ReplaceAll(source, nil)
	if source, err = imports.Process(file, source, nil); err != nil {
		return err
	}
	return os.WriteFile(file, source, 0o644) // #nosec G306 -- source code
}
