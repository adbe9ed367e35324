// Command gen generates the code of the GraphQL API as gqlgen does, in the root of the repository, but for what would
// cost each answer time and gain nothing:
//
//   - Fields and elements of lists are resolved one after the other. gqlgen starts a goroutine for each; here none of
//     them waits for anything but the database, and the first row of a list reads what all the others need. Fields of
//     Query stay concurrent.
//   - Nothing is prepared for the directive defer, which the schema does not have.
//   - A plain value that cannot fail, such as a text, is written as it is. gqlgen gives each of them what only a field
//     that may fail needs: a context that names its path, middleware, and a place for a panic to end in.
package main

import (
	"bytes"
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
	// plain is a field without arguments and directives whose value is a member of its object, and which has no fields
	// of its own.
	plain = regexp.MustCompile(`\treturn graphql\.ResolveField\(
\t\tctx,
\t\tec\.OperationContext,
\t\tfield,
\t\tfunc\(ctx context\.Context, field graphql\.CollectedField\) \(\*graphql\.FieldContext, error\) \{
\t\t\treturn ec\.fieldContext_\w+\(ctx, field\)
\t\t\},
\t\tfunc\(ctx context\.Context\) \(any, error\) \{
\t\t\treturn (obj\.\w+), nil
\t\t\},
\t\tnil,
\t\tfunc\(ctx context\.Context, selections ast\.SelectionSet, v \S+\) graphql\.Marshaler \{
\t\t\treturn ec\.(marshal\S+)\(ctx, selections, v\)
\t\t\},
\t\t(?:true|false),
\t\t(?:true|false),
\t\)
\}
func \(ec \*executionContext\) fieldContext_\w+\(_ context\.Context, field graphql\.CollectedField\) .*\{
\treturn graphql\.NewScalarFieldContext\(`)
	// mayFail are the marshalers of lists, and of values that may be null where they must not: an error of theirs has to
	// name the field.
	mayFail = regexp.MustCompile(`ᚕ|marshalN.*(?:ᚖ|ᚐTime$)`)
)

// rewrite takes out of a generated file what gqlgen has no setting for.
func rewrite(file string) error {
	source, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	source = slices.ReplaceAll(source, []byte("marshalInTurn(ctx, len(v), "))
	source = deferred.ReplaceAll(source, nil)
	source = plain.ReplaceAllFunc(source, writePlain)
	if source, err = imports.Process(file, source, nil); err != nil {
		return err
	}
	return os.WriteFile(file, source, 0o644) // #nosec G306 -- source code
}

// writePlain returns a plain field that is written as it is, or the field itself if it may fail.
func writePlain(field []byte) []byte {
	parts := plain.FindSubmatch(field)
	value, marshaler := parts[1], parts[2]
	if mayFail.Match(marshaler) {
		return field
	}
	_, after, _ := bytes.Cut(field, []byte("\n}\n"))
	return fmt.Appendf(nil, "\treturn ec.%s(ctx, field.Selections, %s)\n}\n%s", marshaler, value, after)
}
