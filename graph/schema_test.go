package graph_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	gql "github.com/vektah/gqlparser/v2/ast"

	"github.com/chaveiro/chaveiro/graph"
	"github.com/chaveiro/chaveiro/internal/base/i18n"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/provider/providers"
)

// ownTypes returns the types of the schema without those of GraphQL itself, ordered by name.
func ownTypes() []*gql.Definition {
	schema := graph.Schema()
	var own []*gql.Definition
	for _, name := range slices.Sorted(maps.Keys(schema.Types)) {
		if definition := schema.Types[name]; !definition.BuiltIn {
			own = append(own, definition)
		}
	}
	return own
}

func TestEveryRootFieldSaysWhoMayCallIt(t *testing.T) {
	t.Parallel()
	callers, err := graph.Access(graph.Schema())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Query.node", "Query.nodes", "Query.integration", "Mutation.removeMarketplace"} {
		if len(callers[name]) == 0 {
			t.Errorf("%s is not there", name)
		}
	}
}

func TestEverythingInTheSchemaIsDescribed(t *testing.T) {
	t.Parallel()
	described := func(what, description string) {
		t.Helper()
		text := strings.TrimSpace(description)
		if len(text) < 8 || !strings.HasSuffix(text, ".") {
			t.Errorf("%s is described as %q, want a sentence", what, text)
		}
	}
	for _, definition := range ownTypes() {
		if definition.Name != "Time" {
			described(definition.Name, definition.Description)
		}
		for _, field := range definition.Fields {
			if strings.HasPrefix(field.Name, "__") {
				continue
			}
			described(definition.Name+"."+field.Name, field.Description)
			for _, argument := range field.Arguments {
				described(definition.Name+"."+field.Name+"("+argument.Name+")", argument.Description)
			}
		}
		for _, value := range definition.EnumValues {
			described(definition.Name+"."+value.Name, value.Description)
		}
	}
	allow := graph.Schema().Directives["allow"]
	described("@allow", allow.Description)
	for _, argument := range allow.Arguments {
		described("@allow("+argument.Name+")", argument.Description)
	}
}

// The test lists every name that sounds like a secret, with the reason why it may be in the schema.
// Proves: 5.3
func TestNoFieldSuggestsASecretButTheKnownOnes(t *testing.T) {
	t.Parallel()
	const (
		goesIn      = "input: it goes in and is sealed or hashed"
		state       = "a SecretState: that it is set, never what it is"
		toBackOffce = "what a back-office is for: only its own access key opens it"
		once        = "the new access key or service token, told in the answer that makes it and never again"
		theObject   = "the object AccessKey or ServiceToken, which has no text of the key"
		public      = "of a passkey, whose secret never leaves the authenticator"
		noSecret    = "no secret: a number, an enum or a text that the caller chose"
	)
	known := map[string]string{
		"CreateFirstAdministratorInput.setupToken": goesIn,
		"CreateFirstAdministratorInput.password":   goesIn,
		"LoginInput.password":                      goesIn,

		"IntegrationMarketplace.credentials": toBackOffce,

		"ProviderSetting.secret": state,

		"CreateAccessKeyPayload.token": once,
		"RotateAccessKeyPayload.token": once,
		"SessionPayload.accessToken":   "the JWT of whoever logs in, for the page's memory; lives 5 minutes",

		"ServiceTokenPayload.token": once,
		"TotpRequest.seed": "of an app that is being set up, for the operator's own eyes; worth nothing until it " +
			"is confirmed",

		"ChangePasswordInput.password": goesIn,
		"SetPasswordInput.password":    goesIn,
		"ReauthenticateInput.password": goesIn,

		"Account.totpSince":                      noSecret,
		"Account.minPasswordLength":              noSecret,
		"Account.passkeys":                       public,
		"ReauthenticateInput.passkey":            public,
		"SecondFactorInput.passkey":              public,
		"SecondFactorRequest.passkeyOptions":     public,
		"Mutation.addPasskey":                    public,
		"Mutation.removePasskey":                 public,
		"Mutation.beginPasskeyLogin":             public,
		"Mutation.beginPasskeyReauthentication":  public,
		"Mutation.beginPasskeyRegistration":      public,
		"Mutation.beginTotp":                     noSecret,
		"Mutation.confirmTotp":                   noSecret,
		"Mutation.removeTotp":                    noSecret,
		"Mutation.changePassword":                noSecret,
		"Mutation.setPassword":                   noSecret,
		"Mutation.createPasswordLink":            noSecret,
		"Query.passwordLink":                     noSecret,
		"Query.serviceTokens":                    theObject,
		"Found.accessKeys":                       theObject,
		"Found.serviceTokens":                    theObject,
		"Mutation.createServiceToken":            theObject,
		"Mutation.revokeServiceToken":            theObject,
		"ServiceTokenPayload.serviceToken":       theObject,
		"CreateServiceTokenInput.idempotencyKey": noSecret,
		"RevokeServiceTokenInput.accessKeyIds":   noSecret,
		"DisableOperatorInput.accessKeyIds":      noSecret,

		"Query.accessKeys":                         theObject,
		"ClientProduct.accessKeys":                 theObject,
		"Integration.accessKey":                    theObject,
		"Mutation.createAccessKey":                 theObject,
		"Mutation.rotateAccessKey":                 theObject,
		"Mutation.updateAccessKey":                 theObject,
		"Mutation.revokeAccessKey":                 theObject,
		"CreateAccessKeyPayload.accessKey":         theObject,
		"RotateAccessKeyPayload.accessKey":         theObject,
		"RotateAccessKeyPayload.replacedAccessKey": theObject,
		"UpdateAccessKeyPayload.accessKey":         theObject,
		"RevokeAccessKeyPayload.accessKey":         theObject,

		"DueItem.accessKey": theObject,

		"ReportMarketplaceFailureInput.credentialVersion": noSecret,
		"ReportMarketplaceFailurePayload.newCredentials":  noSecret,
		"ClientFilter.withoutKey":                         noSecret,
		"Marketplace.credentialVersion":                   noSecret,
		"CredentialRead.credentialVersion":                noSecret,
		"MarketplaceRead.credentialVersion":               noSecret,
		"AuditEventFilter.accessKeyId":                    noSecret,
		"IntegrationMarketplace.credentialVersion":        noSecret,
		"SecondFactorRequest.passkeysMadeAt":              noSecret,
		"CreateClientInput.idempotencyKey":                noSecret,
		"AddClientContactInput.idempotencyKey":            noSecret,
		"AddClientNoteInput.idempotencyKey":               noSecret,
		"CreateProductInput.idempotencyKey":               noSecret,
		"AddClientProductInput.idempotencyKey":            noSecret,
		"AddMarketplaceInput.idempotencyKey":              noSecret,
		"ConnectMarketplaceInput.idempotencyKey":          noSecret,
		"CreateAccessKeyInput.idempotencyKey":             noSecret,
		"RotateAccessKeyInput.idempotencyKey":             noSecret,
	}
	ofProviders := addProviders(known, map[string]string{
		"Config": state, "ConfigInput": goesIn, "ConfigUpdateInput": goesIn, "Credentials": toBackOffce,
	})
	suggests := regexp.MustCompile(`(?i)secret|password|passwd|token|hash|key|credential|private|seal|pin|otp|seed|salt`)
	for _, definition := range ownTypes() {
		for _, field := range definition.Fields {
			if strings.HasPrefix(field.Name, "__") {
				continue
			}
			for _, name := range append([]string{field.Name}, argumentNames(field)...) {
				path := definition.Name + "." + field.Name
				if name != field.Name {
					path += "." + name
				}
				if !suggests.MatchString(name) {
					continue
				}
				reason, ok := known[path]
				if !ok {
					t.Errorf("%s suggests a secret: give it another name, or say here why it is none", path)
				}
				if reason == state && field.Type.Name() != "SecretState" {
					t.Errorf("%s is a %s and no SecretState", path, field.Type)
				}
				if reason == goesIn && definition.Kind != gql.InputObject {
					t.Errorf("%s does not go in", path)
				}
				if reason == theObject && field.Type.NamedType == "String" {
					t.Errorf("%s is a text", path)
				}
				delete(known, path)
			}
		}
	}
	for path := range known {
		if !ofProviders[path] {
			t.Errorf("%s is not in the schema any more", path)
		}
	}
}

// addProviders adds the fields of every provider's types to the known ones. The end of the type's name gives the
// reason. It does not add fields that renew credentials, because no caller may get them.
func addProviders(known, reasons map[string]string) (added map[string]bool) {
	added = map[string]bool{}
	schema := graph.Schema()
	for _, config := range schema.GetPossibleTypes(schema.Types["MarketplaceConfig"]) {
		for end, reason := range reasons {
			of := schema.Types[strings.TrimSuffix(config.Name, "Config")+end]
			if of == nil {
				continue // TestEveryProviderIsWhole reports it
			}
			for _, field := range of.Fields {
				if end == "Credentials" && strings.Contains(strings.ToLower(field.Name), "refresh") {
					continue
				}
				known[of.Name+"."+field.Name], added[of.Name+"."+field.Name] = reason, true
			}
		}
	}
	return added
}

func argumentNames(field *gql.FieldDefinition) []string {
	var names []string
	for _, argument := range field.Arguments {
		names = append(names, argument.Name)
	}
	return names
}

func TestTheSchemaIsRelayCompliant(t *testing.T) {
	t.Parallel()
	schema := graph.Schema()
	has := func(of, field, kind string) {
		t.Helper()
		definition := schema.Types[of]
		if definition == nil {
			t.Errorf("there is no type %s", of)
			return
		}
		f := definition.Fields.ForName(field)
		if f == nil || f.Type.String() != kind {
			t.Errorf("%s.%s is not %s", of, field, kind)
		}
	}
	argument := func(of, field, name, kind string) {
		t.Helper()
		if a := schema.Types[of].Fields.ForName(field).Arguments.ForName(name); a == nil || a.Type.String() != kind {
			t.Errorf("%s.%s has no argument %s: %s", of, field, name, kind)
		}
	}

	if schema.Types["Node"].Kind != gql.Interface {
		t.Error("Node is no interface")
	}
	has("Node", "id", "ID!")
	has("Query", "node", "Node")
	argument("Query", "node", "id", "ID!")
	has("Query", "nodes", "[Node]!")
	argument("Query", "nodes", "ids", "[ID!]!")
	has("PageInfo", "hasNextPage", "Boolean!")
	has("PageInfo", "hasPreviousPage", "Boolean!")
	has("PageInfo", "startCursor", "String")
	has("PageInfo", "endCursor", "String")

	connections := 0
	for _, definition := range ownTypes() {
		if node, ok := strings.CutSuffix(definition.Name, "Connection"); ok {
			connections++
			has(definition.Name, "edges", "["+node+"Edge!]!")
			has(definition.Name, "pageInfo", "PageInfo!")
			has(definition.Name, "totalCount", "Int!")
			has(node+"Edge", "cursor", "String!")
			has(node+"Edge", "node", node+"!")
			if !slices.Contains(schema.Types[node].Interfaces, "Node") {
				t.Errorf("%s is in a list and no Node", node)
			}
		}
		for _, field := range definition.Fields {
			if strings.HasSuffix(field.Type.Name(), "Connection") {
				argument(definition.Name, field.Name, "first", "Int")
				argument(definition.Name, field.Name, "after", "String")
				argument(definition.Name, field.Name, "last", "Int")
				argument(definition.Name, field.Name, "before", "String")
			}
		}
	}
	if connections == 0 {
		t.Error("there are no connections")
	}
}

func TestEveryMutationTakesOneInputAndAnswersWithUserErrors(t *testing.T) {
	t.Parallel()
	schema := graph.Schema()
	withoutInput := []string{
		"refreshSession", "logout", // their input is the cookie
		"removeTotp", "createRecoveryCodes", "endOtherSessions", // their input is the caller
		"beginPasskeyLogin", "beginPasskeyReauthentication", "beginPasskeyRegistration", "beginTotp",
	}
	for _, field := range schema.Mutation.Fields {
		names := argumentNames(field)
		if slices.Contains(withoutInput, field.Name) {
			if len(names) != 0 {
				t.Errorf("%s takes %v", field.Name, names)
			}
		} else if !slices.Equal(names, []string{"input"}) || !field.Arguments[0].Type.NonNull {
			t.Errorf("%s takes %v, want one input that must be there", field.Name, names)
		}
		payload := schema.Types[field.Type.Name()]
		if strings.HasPrefix(field.Name, "begin") { // they return the next step, and have no user errors
			continue
		}
		if userErrors := payload.Fields.ForName("userErrors"); userErrors == nil ||
			userErrors.Type.String() != "[UserError!]!" || !field.Type.NonNull {
			t.Errorf("%s does not answer with userErrors", field.Name)
		}
		for _, member := range payload.Fields {
			if member.Type.NonNull && member.Name != "userErrors" {
				t.Errorf("%s.%s cannot be null beside user errors", payload.Name, member.Name)
			}
		}
	}
}

// constants returns the values of the constants of a type in a Go file.
func constants(t *testing.T, file, typeName string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	must.Do(t, err)
	var values []string
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if of, ok := spec.Type.(*ast.Ident); ok && of.Name == typeName {
			for _, value := range spec.Values {
				text, err := strconv.Unquote(value.(*ast.BasicLit).Value)
				must.Do(t, err)
				values = append(values, text)
			}
		}
		return true
	})
	slices.Sort(values)
	return values
}

func enumValues(name string) []string {
	var values []string
	for _, value := range graph.Schema().Types[name].EnumValues {
		values = append(values, value.Name)
	}
	slices.Sort(values)
	return values
}

func TestTheEnumsOfTheSchemaAreTheConstantsOfTheProgram(t *testing.T) {
	t.Parallel()
	for enum, at := range map[string]struct{ file, typeName string }{
		"UserErrorCode":           {"../internal/base/fault/fault.go", "Code"},
		"MarketplaceHealthState":  {"../internal/provider/health.go", "State"},
		"MarketplaceHealthReason": {"../internal/provider/health.go", "Reason"},
		"AccessKeyStatus":         {"../internal/core/accesskey/accesskey.go", "Status"},
		"SetupStep":               {"../internal/core/accesskey/order.go", "Step"},
		"ProductCapability":       {"../internal/core/products/products.go", "Capability"},
		"ClientOrderField":        {"../internal/core/clients/list.go", "OrderField"},
		"OperatorRole":            {"../internal/base/principal/principal.go", "Role"},
		"DocumentKind":            {"../internal/base/brdoc/brdoc.go", "Kind"},
	} {
		if in, out := enumValues(enum), constants(t, at.file, at.typeName); !slices.Equal(in, out) {
			t.Errorf("%s has %v, %s.%s has %v", enum, in, at.file, at.typeName, out)
		}
	}
}

func TestEveryCodeHasItsSentenceInBothLanguages(t *testing.T) {
	t.Parallel()
	wanted := map[string]bool{}
	for _, code := range enumValues("UserErrorCode") {
		wanted["error."+code] = true
	}
	for _, reason := range enumValues("MarketplaceHealthReason") {
		wanted["health."+reason] = true
	}
	wanted["cause.triesAgain"] = true
	for _, cause := range constants(t, "../internal/base/outbound/error.go", "Cause") {
		wanted["cause."+cause] = true
	}
	for _, outcome := range enumValues("MarketplaceTestOutcome") {
		wanted["test."+outcome] = true
	}
	for _, kind := range enumValues("DueKind") {
		wanted["due."+kind] = true
	}
	for _, ending := range constants(t, "../internal/core/install/install.go", "Ending") {
		wanted["install."+ending] = true
	}
	for _, key := range []string{"test.otherShop", "test.branch", "test.takenBy", "provider.notConfigured",
		"provider.otherHost", "install.lead", "install.until", "install.notFound", "install.fault", "install.declined",
		"install.throttled", "install.askKnown", "install.unknownHelp"} {
		wanted[key] = true
	}
	for _, state := range constants(t, "../internal/core/install/link.go", "LinkState") {
		if state != "open" {
			wanted["install.link."+state] = true
		}
	}
	wanted["install.busy"], wanted["graphql.CANNOT_SAVE"] = true, true
	// Labels are not sentences.
	labels := []string{"install.go", "install.decline", "install.ask", "install.unknown", "install.yourHouse",
		"install.yourShop", "install.theShop", "install.someProvider", "install.timeForm"}
	for _, title := range []string{"invitation", "dead", "declined", "done", "received", "stopped", "wait"} {
		labels = append(labels, "install.title."+title)
	}
	for _, step := range []string{"go", "login", "accept"} {
		wanted["install.step."+step] = true
	}
	for _, refusal := range append(constants(t, "../internal/base/fault/fault.go", "Refusal"), "INTERNAL",
		"BAD_USER_INPUT", "THROTTLED") {
		wanted["graphql."+refusal] = true
	}
	for _, refusal := range []string{"NOT_FOUND", "CROWDED", "GRAPHQL_VALIDATION_FAILED"} {
		wanted["graphql."+refusal] = true
	}
	for _, reason := range constants(t, "../internal/base/fault/request.go", "Reason") {
		wanted["unauthenticated."+reason] = true
	}
	wanted["conflict.by"] = true // in the place of error.CONFLICT
	for _, detail := range constants(t, "../internal/base/fault/request.go", "Detail") {
		labels = append(labels, "bad."+detail) // the end of the sentence graphql.BAD_USER_INPUT
	}
	for _, reason := range enumValues("MarketplaceHealthReason") {
		if key := "health.erp." + reason; i18n.Has(key) { // an access key gets another sentence than an operator
			wanted[key] = true
		}
	}
	for _, lang := range i18n.Langs {
		ctx := i18n.With(t.Context(), lang)
		for key := range wanted {
			if text := i18n.Text(ctx, key); text == key || !strings.HasSuffix(strings.TrimSuffix(text, "%s"), ".") &&
				!strings.HasSuffix(text, "%s") {
				t.Errorf("%s in %s is %q, want a sentence", key, lang, text)
			}
		}
		data, err := os.ReadFile("../internal/base/i18n/" + string(lang) + ".json")
		must.Do(t, err)
		var catalogue map[string]string
		must.Do(t, json.Unmarshal(data, &catalogue))
		for key := range catalogue {
			if !wanted[key] && !slices.Contains(labels, key) {
				t.Errorf("nobody says %s", key)
			}
		}
	}
}

func TestEveryProviderIsWhole(t *testing.T) {
	t.Parallel()
	schema := graph.Schema()
	registered := []string{}
	for code := range providers.All() {
		registered = append(registered, string(code))
	}
	slices.Sort(registered)
	if in := enumValues("Provider"); !slices.Equal(in, registered) {
		t.Errorf("the enum Provider has %v, registered are %v", in, registered)
	}

	var names []string // the start of the names of its types
	for _, member := range schema.GetPossibleTypes(schema.Types["MarketplaceConfig"]) {
		names = append(names, strings.TrimSuffix(member.Name, "Config"))
	}
	if len(names) != len(registered) {
		t.Fatalf("MarketplaceConfig has %v for the providers %v", names, registered)
	}
	code := func(name string) string { // derived from the name
		return strings.ToUpper(strings.ReplaceAll(name, "_", ""))
	}
	isMember := func(union, member string) bool {
		return slices.ContainsFunc(schema.GetPossibleTypes(schema.Types[union]),
			func(d *gql.Definition) bool { return d.Name == member })
	}
	for _, provider := range registered {
		i := slices.IndexFunc(names, func(name string) bool { return code(name) == code(provider) })
		if i < 0 {
			t.Errorf("%s has no type in MarketplaceConfig", provider)
			continue
		}
		name := names[i]
		if !isMember("MarketplaceCredentials", name+"Credentials") {
			t.Errorf("%s has no type in MarketplaceCredentials", provider)
		}
		for oneOf, kind := range map[string]string{
			"MarketplaceConfigInput":       name + "ConfigInput",
			"MarketplaceConfigUpdateInput": name + "ConfigUpdateInput",
		} {
			input := schema.Types[oneOf]
			if input.Directives.ForName("oneOf") == nil {
				t.Errorf("%s is not @oneOf", oneOf)
			}
			if !slices.ContainsFunc(input.Fields, func(f *gql.FieldDefinition) bool { return f.Type.String() == kind }) {
				t.Errorf("%s has no member in %s", provider, oneOf)
			}
		}
		// The folders in Go and of the page have the same name, except for hyphens.
		for _, parent := range []string{"../internal/provider", "../frontend/src/providers"} {
			folders, err := os.ReadDir(parent)
			must.Do(t, err)
			if !slices.ContainsFunc(folders, func(folder os.DirEntry) bool {
				return folder.IsDir() && code(strings.ReplaceAll(folder.Name(), "-", "")) == code(provider)
			}) {
				t.Errorf("%s has no folder in %s", provider, filepath.Clean(parent))
			}
		}
	}
}
