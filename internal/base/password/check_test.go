package password_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/chaveiro/chaveiro/internal/base/password"
)

func TestCheckAcceptsWhatIsLongAndNotCommon(t *testing.T) {
	t.Parallel()
	const least, factor = password.MinLength, password.MinLengthWithSecondFactor
	tests := []struct {
		name      string
		typed     string
		minLength int
	}{
		{"words with spaces", good, least},
		{"letters only, for no composition is asked", "zqxjkvbpygfwmuc", least},
		{"exactly 15", "zqxjkvbpygfwmu!", least},
		{"exactly 12 with a second factor", "zqxjkvbpygfw", factor},
		{"exactly 128", strings.Repeat("cavalo de troia ", 8), least},
		{"128 letters of four bytes", strings.Repeat("🔑🗝🔐🔒🔓🚪🏠🛒", 16), least},
		{"15 that would be more if decomposed", "zqxjkvbpygfwãõé", least},
		{"a common password as a part", "minha senha123456789 é outra", least},
		{"digits and marks alone", "1!9@3#7$5%6^2&8*", least},
		{"words with a year", "a copa de 2026 foi boa", least},
		{"a short local part", "ana e o cavalo de troia", least},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if err := password.Check(tt.typed, tt.minLength, "ana@loja.example", ""); err != nil {
				t.Errorf("Check(%q): %v", tt.typed, err)
			}
		})
	}
}

// Proves: 2.2, 2.3
func TestCheckSaysWhichRuleIsBroken(t *testing.T) {
	t.Parallel()
	const least, factor = password.MinLength, password.MinLengthWithSecondFactor
	tests := []struct {
		name      string
		typed     string
		minLength int
		want      password.RuleError
	}{
		{"nothing", "", least, password.RuleError{Code: password.TooShort, Min: 15}},
		{"14 without a second factor", "zqxjkvbpygfwmu", least, password.RuleError{Code: password.TooShort, Min: 15}},
		{"11 with one", "zqxjkvbpygf", factor, password.RuleError{Code: password.TooShort, Min: 12}},
		{"11 where the caller forgot to ask for more", "zqxjkvbpygf", 0,
			password.RuleError{Code: password.TooShort, Min: 12}},
		{"14 letters of which two are typed in two", "zqxjkvbpygfwa\u0303o\u0303", least,
			password.RuleError{Code: password.TooShort, Min: 15}},
		{"14 letters of 56 bytes", strings.Repeat("🔑🗝", 7), least, password.RuleError{Code: password.TooShort, Min: 15}},

		{"129", strings.Repeat("abc", 43), least, password.RuleError{Code: password.TooLong, Max: 128}},
		{"513 bytes, whatever they are", strings.Repeat("a\u0303", 171), least,
			password.RuleError{Code: password.TooLong, Max: 128}},
		{"a megabyte", strings.Repeat("a", 1<<20), least, password.RuleError{Code: password.TooLong, Max: 128}},

		{"common", "password1234567", least, password.RuleError{Code: password.Common}},
		{"common in Brazil", "senha12345678910", least, password.RuleError{Code: password.Common}},
		{"common in capitals", "PassWord1234567", least, password.RuleError{Code: password.Common}},
		{"a walk over the keyboard", "1q2w3e4r5t6y7u8i", least, password.RuleError{Code: password.Common}},
		{"a walk over a Brazilian keyboard", "ASDFGHJKLC\u0327123456", factor, password.RuleError{Code: password.Common}},
		{"digits in order", "123456789012345", least, password.RuleError{Code: password.Common}},
		{"one letter", "aaaaaaaaaaaaaaa", least, password.RuleError{Code: password.Common}},
		{"sixteen blanks", strings.Repeat(" ", 16), least, password.RuleError{Code: password.Common}},
		{"few letters again and again", "abababababababab", least, password.RuleError{Code: password.Common}},
		{"a word three times", "SenhaSenhaSenha", least, password.RuleError{Code: password.Common}},
		{"a common one twice", "password1234567password1234567", least, password.RuleError{Code: password.Common}},
		{"a word with a year", "Programador2026", least, password.RuleError{Code: password.Common}},
		{"a long word with a year", "Desenvolvimento@2026", least, password.RuleError{Code: password.Common}},
		{"a year before a word", "2026 mercadinho!", least, password.RuleError{Code: password.Common}},
		{"a word with marks", "!!@@mercadinho##", least, password.RuleError{Code: password.Common}},
		{"common with a second factor", "mudar@123456", factor, password.RuleError{Code: password.Common}},

		{"the e-mail's name", "minha conta joao.silva", least, password.RuleError{Code: password.ContainsEmail}},
		{"the e-mail's name in capitals", "minha conta JOAO.SILVA", least, password.RuleError{Code: password.ContainsEmail}},
		{"the product", "abre o meu Chaveiro ja", least, password.RuleError{Code: password.ContainsProduct}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := password.Check(tt.typed, tt.minLength, "Joao.Silva@loja.example", "")
			var broken *password.RuleError
			if !errors.As(err, &broken) || *broken != tt.want {
				t.Fatalf("Check(%.80q) = %#v; want %#v", tt.typed, err, &tt.want)
			}
			if tt.typed != "" && strings.Contains(err.Error(), tt.typed) {
				t.Errorf("%q shows the password", err)
			}
		})
	}
}

func TestAnEmailOfFourLettersCountsHoweverItIsComposed(t *testing.T) {
	t.Parallel()
	var broken *password.RuleError
	err := password.Check("o cavalo do JOA\u0303O e meu", password.MinLength, "joão@loja.example", "")
	if !errors.As(err, &broken) || broken.Code != password.ContainsEmail {
		t.Errorf("Check: %v; want %s", err, password.ContainsEmail)
	}
}

func TestWithoutAnEmailNothingIsContained(t *testing.T) {
	t.Parallel()
	for _, email := range []string{"", "@", "@loja.example"} {
		if err := password.Check(good, password.MinLength, email, ""); err != nil {
			t.Errorf("Check with e-mail %q: %v", email, err)
		}
	}
}

func TestEveryRuleHasASentence(t *testing.T) {
	t.Parallel()
	said := map[string]bool{}
	for _, code := range []password.Code{
		password.TooLong, password.TooShort, password.Common, password.ContainsEmail, password.ContainsProduct,
		password.ContainsOrganization, "OTHER",
	} {
		sentence := (&password.RuleError{Code: code}).Error()
		if said[sentence] || !strings.HasPrefix(sentence, "password ") {
			t.Errorf("%s says %q", code, sentence)
		}
		said[sentence] = true
	}
}

// Proves: 2.3
func TestTheCommonPasswordsAreEnoughAndFolded(t *testing.T) {
	t.Parallel()
	list := strings.Split(strings.TrimSuffix(password.CommonText, "\n"), "\n")
	if !slices.IsSorted(list) || len(slices.Compact(slices.Clone(list))) != len(list) {
		t.Error("the list is not sorted, or has an entry twice")
	}
	long := 0
	for _, entry := range list {
		if utf8.RuneCountInString(entry) < password.MinLengthWithSecondFactor {
			t.Errorf("%q is shorter than any password may be", entry)
		}
		if entry != strings.ToLower(entry) || !norm.NFC.IsNormalString(entry) {
			t.Errorf("%q would never be found", entry)
		}
		if utf8.RuneCountInString(entry) >= password.MinLength {
			long++
		}
	}
	if len(list) < 3000 || long < 3000 {
		t.Errorf("the list has %d entries, %d of them long enough for everybody; want 3000", len(list), long)
	}
}

func FuzzCheck(f *testing.F) {
	f.Add(good, 15, "joao.silva@loja.example")
	f.Add("a\u0303\xff", -1, "@")
	f.Fuzz(func(t *testing.T, typed string, minLength int, email string) {
		err := password.Check(typed, minLength, email, "")
		if _, ok := errors.AsType[*password.RuleError](err); err != nil && !ok {
			t.Errorf("Check: %v is no rule", err)
		}
		if n := utf8.RuneCountInString(norm.NFC.String(typed)); err == nil &&
			(n < 12 || n < minLength || n > 128 || len(typed) > 512) {
			t.Errorf("Check accepts %q of %d", typed, n)
		}
	})
}

// Proves: 2.3
func TestTheNameOfTheOrganisationIsNotInAPassword(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		organization, typed string
		refused             bool
	}{
		{"Softhouse Açaí Ltda.", "minha softhouse querida", true},
		{"Softhouse Açaí Ltda.", "MINHA SOFTHOUSE QUERIDA", true},
		{"Softhouse Açaí Ltda.", "bebo muito AC\u0327AI\u0301 gelado", true}, // its letters composed otherwise
		{"Softhouse Açaí Ltda.", "softhouseacaiforte", true},
		{"Softhouse Açaí Ltda.", "uma ltda qualquer daqui", false},
		{"ABC Ltda", "as letras abc e outras", false}, // too short to be told from other words
		{"ABC XYZ S.A.", "as letras abc e outras", false},
		{"ABC XYZ S.A.", "as letras abcxyz todas", true},
		{"ABC XYZ S.A.", "as letras Abc Xyz todas", true},
		{"Irmãos & Filhos ME", "nossos filhos e netos", true},
		{"S.A.", "uma senha sem nome algum", false},
		{"", "uma senha sem nome algum", false},
	} {
		err := password.Check(tt.typed, password.MinLength, "ana@loja.example", tt.organization)
		var rule *password.RuleError
		if refused := errors.As(err, &rule) && rule.Code == password.ContainsOrganization; refused != tt.refused ||
			err != nil && !refused {
			t.Errorf("%q of %q: %v", tt.typed, tt.organization, err)
		}
	}
}
