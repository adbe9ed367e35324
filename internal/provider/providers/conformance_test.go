package providers_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/providers"
	"github.com/chaveiro/chaveiro/internal/provider/providertest"
	"github.com/chaveiro/chaveiro/internal/provider/simulated"
)

// These tests check that a provider is complete. A new provider is registered first; then the tests name, one by one,
// what it lacks.

// root is the top of the repository, relative to this folder.
const root = "../../.."

const document = "12ABC34501DE35"

// shop is a shop at a provider's simulated twin, with the parts of a connection to it.
type shop struct {
	twin    simulated.Twin
	record  provider.Record
	secrets provider.Secrets
	// values are the settings that the abilities need beside those of the twin.
	values func(url string) provider.Values
}

// abilitySettings are the settings that some providers need for all of their abilities, beside the twin's address.
var abilitySettings = map[provider.Code]func(p *simulated.Providers, url string) provider.Values{
	"MEU_CARRINHO": func(*simulated.Providers, string) provider.Values { return provider.Values{"sessionToken": "ON"} },
	"PLUG4MARKET": func(p *simulated.Providers, _ string) provider.Values {
		p.Plug4Market.AddHouse(simulated.SoftwareHouse, "casa", "senha-da-casa")
		return provider.Values{"houseLogin": "casa", "housePassword": "senha-da-casa", "houseCNPJ": simulated.SoftwareHouse}
	},
	"SHOWKASE": func(_ *simulated.Providers, url string) provider.Values {
		return provider.Values{"checkUrl": url + "/check"}
	},
}

// openShop opens a shop at the provider's twin, and fills in the form of a new connection for it.
func openShop(t *testing.T, p provider.Provider) shop {
	t.Helper()
	all := simulated.New(func() time.Time { return providertest.Now })
	twins := all.Twins()
	i := slices.IndexFunc(twins, func(twin simulated.Twin) bool { return twin.Code() == string(p.Code()) })
	if i < 0 {
		t.Fatal("it has no simulated twin")
	}
	opened := twins[i].Open(simulated.Merchant{Name: "Loja", CNPJ: document})
	draft, err := newInput(t, p, opened.Typed).Draft()
	if err != nil {
		t.Fatal(err)
	}
	record, err := draft.Record()
	if err != nil {
		t.Fatal(err)
	}
	s := shop{twin: twins[i], record: record, secrets: draft.Secrets}
	if opened.Account != "" {
		s.record.ExternalAccount = opened.Account
	}
	for name, secret := range opened.Installed {
		if s.secrets == nil {
			s.secrets = provider.Secrets{}
		}
		s.secrets[name] = seal.NewSecret(secret)
	}
	s.values = func(url string) provider.Values {
		if more, ok := abilitySettings[p.Code()]; ok {
			return more(all, url)
		}
		return nil
	}
	return s
}

// newInput returns the provider's input of a new connection, filled with what a person types.
func newInput(t *testing.T, p provider.Provider, typed map[string]string) provider.Input {
	t.Helper()
	inputs := providers.Inputs()
	i := slices.IndexFunc(inputs, func(input provider.Input) bool { return input.Provider() == p.Code() })
	if i < 0 {
		t.Fatal("providers.go has no input of it")
	}
	filled := reflect.New(reflect.TypeOf(inputs[i]))
	encoded, err := json.Marshal(typed)
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(filled.Interface()); err != nil {
		t.Fatalf("what is typed of its twin does not fit its form: %v", err)
	}
	return filled.Elem().Interface().(provider.Input)
}

// each runs a test for each registered provider, with a shop at its twin.
func each(t *testing.T, test func(*testing.T, provider.Provider, shop)) {
	for code, p := range providers.All() {
		t.Run(string(code), func(t *testing.T) {
			t.Parallel()
			test(t, p, openShop(t, p))
		})
	}
}

// call returns a call for the shop; handler stands in for the provider.
func (s shop) call(t *testing.T, p provider.Provider, handler http.HandlerFunc) provider.Call {
	client, url := providertest.Serve(t, handler)
	values := providertest.Defaults(p)
	maps.Copy(values, s.twin.Values(url))
	maps.Copy(values, s.values(url))
	return provider.Call{HTTP: client, Settings: values, Record: s.record, Secrets: s.secrets, Now: providertest.Now}
}

func TestEveryProviderHasATwinThatTakesItsCredentials(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p provider.Provider, s shop) {
		c := s.call(t, p, s.twin.Handler().ServeHTTP)
		if tester, ok := p.(provider.Tester); ok {
			if got := tester.Test(t.Context(), c); got.Outcome != provider.OK || !tester.CanTest(c.Settings) {
				t.Errorf("a test ends with %+v", got)
			}
		}
		if minter, ok := p.(provider.Minter); ok {
			entered := minter.Enter(t.Context(), c)
			if got := minter.Mint(t.Context(), c, entered.Session, document); got.Outcome != provider.OK ||
				!minter.CanMint(c.Settings) {
				t.Errorf("minting ends with %+v", got.Result)
			}
		}
		if refresher, ok := p.(provider.Refresher); ok {
			plan := refresher.Renewal(c.Settings, c.Record)
			if plan == nil || plan.Life <= 0 || plan.PerMinute <= 0 || plan.Timeout <= 0 {
				t.Fatalf("the plan of a renewal is %+v", plan)
			}
			if got := refresher.Refresh(t.Context(), c); got.Outcome != provider.OK || len(got.Secrets) < len(s.secrets) {
				t.Errorf("a renewal ends with %+v", got.Result)
			}
		}
		if credentials, err := p.Credentials(c.Record, c.Secrets, c.Settings); err != nil || credentials == nil {
			t.Errorf("the credentials are %v, %v", credentials, err)
		}
	})
}

// ability is a call that a provider can make.
type ability struct {
	name string
	call func(*testing.T, provider.Call) provider.Result
}

// abilities are the calls that a provider can make.
func abilities(p provider.Provider) []ability {
	var all []ability
	if a, ok := p.(provider.Tester); ok {
		all = append(all,
			ability{"test", func(t *testing.T, c provider.Call) provider.Result { return a.Test(t.Context(), c) }})
	}
	if a, ok := p.(provider.Refresher); ok {
		all = append(all, ability{"refresh",
			func(t *testing.T, c provider.Call) provider.Result { return a.Refresh(t.Context(), c).Result }})
	}
	if a, ok := p.(provider.Authorizer); ok {
		all = append(all, ability{"exchange", func(t *testing.T, c provider.Call) provider.Result {
			return a.Exchange(t.Context(), c, "a-code").Result
		}})
	}
	if a, ok := p.(provider.Minter); ok {
		all = append(all,
			ability{"enter", func(t *testing.T, c provider.Call) provider.Result { return a.Enter(t.Context(), c).Result }},
			ability{"mint", func(t *testing.T, c provider.Call) provider.Result {
				return a.Mint(t.Context(), c, seal.NewSecret("session-of-the-house"), document).Result
			}},
		)
	}
	return all
}

// Proves: 10.6
func TestAnAnswerOfAGatewayIsNeverTakenForARefusal(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p provider.Provider, s shop) {
		for _, fault := range providertest.Faults() {
			c := s.call(t, p, fault.Answer)
			for _, a := range abilities(p) {
				got := a.call(t, c)
				ofSession := got.Outcome == provider.Refused && got.Reason == provider.SessionEnded
				if got.Outcome != provider.Transient && (a.name != "mint" || !ofSession) {
					t.Errorf("%s, answered with %s: the result is %+v", a.name, fault.Name, got)
				}
				for _, from := range []provider.Reason{provider.CheckPassed, provider.NotCheckedYet, provider.ProviderFault} {
					if state := (provider.Health{Reason: from}).After(got, provider.Situation{}).State(); state != provider.Failing {
						t.Errorf("%s, answered with %s: a connection becomes %s", a.name, fault.Name, state)
					}
				}
				for _, secret := range s.secrets {
					providertest.Silent(t, got, secret.Reveal())
				}
			}
		}
	})
}

func TestEveryProviderHasItsTypesInTheSchema(t *testing.T) {
	t.Parallel()
	schema := loadSchema(t)
	models := read(t, "internal/provider/providers/providers.go")
	each(t, func(t *testing.T, p provider.Provider, s shop) {
		if !slices.ContainsFunc(schema.Types["Provider"].EnumValues,
			func(v *ast.EnumValueDefinition) bool { return v.Name == string(p.Code()) }) {
			t.Error("the enum Provider lacks it")
		}
		for union, end := range map[string]string{"MarketplaceConfig": "Config", "MarketplaceCredentials": "Credentials"} {
			if !slices.ContainsFunc(schema.Types[union].Types,
				func(name string) bool { return strings.EqualFold(name, plain(p)+end) }) {
				t.Errorf("the union %s has no member %s%s", union, plain(p), end)
			}
		}
		for input, end := range map[string]string{"MarketplaceConfigInput": "ConfigInput",
			"MarketplaceConfigUpdateInput": "ConfigUpdateInput"} {
			if !slices.ContainsFunc(schema.Types[input].Fields, func(f *ast.FieldDefinition) bool {
				return strings.EqualFold(f.Name, plain(p)) && strings.EqualFold(f.Type.Name(), plain(p)+end)
			}) {
				t.Errorf("the input %s has no member for it", input)
			}
		}
		folder := reflect.TypeOf(p).PkgPath()
		for _, end := range []string{"Config", "ConfigInput", "ConfigUpdateInput", "Credentials"} {
			alias := regexp.MustCompile(`(?mi)^\t` + plain(p) + end + ` += ` + path.Base(folder) + `\.` + end + `$`)
			if !alias.MatchString(models) {
				t.Errorf("providers.go has no name in the schema for %s.%s", path.Base(folder), end)
			}
		}
		if config, err := p.Config(s.record); err != nil || reflect.TypeOf(config).PkgPath() != folder {
			t.Errorf("its config is %T, %v", config, err)
		}
	})
}

// texts are the texts of a provider's folder of the page, in one language.
type texts struct {
	Settings map[string]struct {
		Label, Help string
		Choice      map[string]string
	}
}

func TestEverySettingHasItsTextsInBothLanguages(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p provider.Provider, _ shop) {
		var page map[string]texts
		if err := json.Unmarshal([]byte(readOfPage(t, p, "texts.json")), &page); err != nil {
			t.Fatal(err)
		}
		for _, language := range []string{"pt-BR", "en"} {
			forms := page[language].Settings
			for _, setting := range p.Settings() {
				form := forms[setting.Name]
				if form.Label == "" || form.Help == "" {
					t.Errorf("%s: %s lacks its label or its help", language, setting.Name)
				}
				choices := setting.Choices
				if setting.Kind == provider.URL {
					choices = nil // an address needs no text
				}
				for _, choice := range choices {
					if form.Choice[choice] == "" {
						t.Errorf("%s: the choice %s of %s has no text", language, choice, setting.Name)
					}
				}
				if len(form.Choice) != len(choices) {
					t.Errorf("%s: %s has texts for the choices %v, it has %v", language, setting.Name, form.Choice, choices)
				}
			}
			if len(forms) != len(p.Settings()) {
				t.Errorf("%s: there are texts for %d settings, it has %d", language, len(forms), len(p.Settings()))
			}
		}
	})
}

func TestEveryProviderHasItsFormOnThePage(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p provider.Provider, _ shop) {
		if !strings.Contains(readOfPage(t, p, "index.ts"), `id: "`+string(p.Code())+`"`) {
			t.Error("the page has no form for it")
		}
	})
}

// readOfPage returns a file of the provider's folder of the page.
func readOfPage(t *testing.T, p provider.Provider, name string) string {
	t.Helper()
	folder := strings.ReplaceAll(strings.ToLower(string(p.Code())), "_", "-")
	return read(t, path.Join("frontend/src/providers", folder, name))
}

func TestEveryProviderSaysInTheContractWhatItIs(t *testing.T) {
	t.Parallel()
	seen := map[string]provider.Code{}
	each(t, func(t *testing.T, p provider.Provider, _ shop) {
		if p.Unchecked().State() == "" {
			t.Error("a new connection has no health")
		}
	})
	for code, p := range providers.All() {
		for _, setting := range p.Settings() {
			if other, taken := seen[setting.Env]; taken || !strings.HasPrefix(setting.Env, "CHAVEIRO_"+string(code)+"_") {
				t.Errorf("%s of %s is taken by %q, or does not begin with its name", setting.Env, code, other)
			}
			seen[setting.Env] = code
			if file := strings.HasSuffix(setting.Env, "_FILE"); file != (setting.Kind == provider.SecretText) {
				t.Errorf("%s: a secret is in a file, and nothing else is", setting.Env)
			}
			if setting.Default == "" {
				continue
			}
			client, _ := providertest.NewClosedClient(t)
			if wrong, _ := setting.Check(setting.Default, client.Allows); wrong != "" {
				t.Errorf("the default of %s is refused: %s", setting.Env, wrong)
			}
		}
	}
}

// plain returns a provider's name without underscores, as in the names of its types.
func plain(p provider.Provider) string { return strings.ReplaceAll(string(p.Code()), "_", "") }

func loadSchema(t *testing.T) *ast.Schema {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "graph/*.graphql"))
	if err != nil {
		t.Fatal(err)
	}
	var sources []*ast.Source
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, &ast.Source{Name: file, Input: string(text)})
	}
	schema, err := gqlparser.LoadSchema(sources...)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
