package providers_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var write = flag.Bool("write", false, "write what examples/integration.graphql says of the providers")

// The example asks for every field of every provider's credentials. `make generate` writes these lines.
func TestTheExampleAsksForTheCredentialsOfEveryProvider(t *testing.T) {
	t.Parallel()
	const example = "examples/integration.graphql"
	before := read(t, example)
	head, rest, found := strings.Cut(before, "      credentials {\n")
	_, tail, ended := strings.Cut(rest, "      }\n")
	if !found || !ended {
		t.Fatal("the example has no place for the credentials")
	}
	schema := loadSchema(t)
	var lines strings.Builder
	for _, name := range schema.Types["MarketplaceCredentials"].Types {
		_, _ = lines.WriteString("        ... on " + name + " {")
		for _, field := range schema.Types[name].Fields {
			_, _ = lines.WriteString(" " + field.Name)
		}
		_, _ = lines.WriteString(" }\n")
	}
	after := head + "      credentials {\n" + lines.String() + "      }\n" + tail
	if after == before {
		return
	}
	if !*write {
		t.Fatalf("%s is old: run `make generate`", example)
	}
	if err := os.WriteFile(filepath.Join(root, example), []byte(after), 0o644); err != nil { // #nosec G306 -- an example
		t.Fatal(err)
	}
}
