package brdoc_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/chaveiro/chaveiro/internal/base/brdoc"
)

func TestParseAcceptsWhatIsIssued(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		typed  string
		kind   brdoc.Kind
		stored string
		format string
	}{
		{"the Receita's alphanumeric example", "12.ABC.345/01DE-35", brdoc.CNPJ, "12ABC34501DE35", "12.ABC.345/01DE-35"},
		{"the same without punctuation, in lower case", "12abc34501de35", brdoc.CNPJ, "12ABC34501DE35", "12.ABC.345/01DE-35"},
		{"an alphanumeric root with a numeric order", "12.ABC.345/0001-88", brdoc.CNPJ, "12ABC345000188",
			"12.ABC.345/0001-88"},
		{"leading zeros", "00.000.000/0001-91", brdoc.CNPJ, "00000000000191", "00.000.000/0001-91"},
		{"a first check digit of zero", "33.000.167/0001-01", brdoc.CNPJ, "33000167000101", "33.000.167/0001-01"},
		{"a numeric CNPJ", "16.727.230/0001-97", brdoc.CNPJ, "16727230000197", "16.727.230/0001-97"},
		{"another", "34.665.388/0001-61", brdoc.CNPJ, "34665388000161", "34.665.388/0001-61"},
		{"one with a leading zero", "01.838.723/0001-27", brdoc.CNPJ, "01838723000127", "01.838.723/0001-27"},
		{"the usual number of documentation", "11.222.333/0001-81", brdoc.CNPJ, "11222333000181", "11.222.333/0001-81"},
		{"rests of 1 and 1", "9Y1XJ5GX000100", brdoc.CNPJ, "9Y1XJ5GX000100", "9Y.1XJ.5GX/0001-00"},
		{"rests of 1 and 0", "S8IV3Z8A000100", brdoc.CNPJ, "S8IV3Z8A000100", "S8.IV3.Z8A/0001-00"},
		{"rests of 0 and 0", "SGE8LTFW000100", brdoc.CNPJ, "SGE8LTFW000100", "SG.E8L.TFW/0001-00"},
		{"rests of 0 and 1", "CKJ852PZ000100", brdoc.CNPJ, "CKJ852PZ000100", "CK.J85.2PZ/0001-00"},
		{"spaces and punctuation in odd places", " 16 727 230.0001/97-", brdoc.CNPJ, "16727230000197", "16.727.230/0001-97"},
		{"a line break", "16727230000197\r\n", brdoc.CNPJ, "16727230000197", "16.727.230/0001-97"},
		{"blanks of a web page", "16.727.230/0001\u00a0\u2009-\u202f97", brdoc.CNPJ, "16727230000197", "16.727.230/0001-97"},
		{"what nobody sees", "\ufeff16.727.\u200b230/0001\u00ad-97\u202c", brdoc.CNPJ, "16727230000197",
			"16.727.230/0001-97"},
		{"a dash of a text program", "16.727.230/0001–97", brdoc.CNPJ, "16727230000197", "16.727.230/0001-97"},
		{"a minus, and a hyphen that does not break", "– 12.ABC.345/01DE\u221235 \u2011", brdoc.CNPJ, "12ABC34501DE35",
			"12.ABC.345/01DE-35"},
		{"quotes of a program", "\"'16727230000197\"", brdoc.CNPJ, "16727230000197", "16.727.230/0001-97"},
		{"quotes of a language", " “390.533.447-05”", brdoc.CPF, "39053344705", "390.533.447-05"},

		{"a CPF", "390.533.447-05", brdoc.CPF, "39053344705", "390.533.447-05"},
		{"a CPF without punctuation", "11144477735", brdoc.CPF, "11144477735", "111.444.777-35"},
		{"another CPF", "529.982.247-25", brdoc.CPF, "52998224725", "529.982.247-25"},
		{"the ascending CPF", "123.456.789-09", brdoc.CPF, "12345678909", "123.456.789-09"},
		{"a CPF with a leading zero", "012.345.678-90", brdoc.CPF, "01234567890", "012.345.678-90"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			doc, err := brdoc.Parse(tt.typed)
			if err != nil {
				t.Fatalf("Parse(%q): %v", tt.typed, err)
			}
			if doc.Kind() != tt.kind || doc.String() != tt.stored || doc.Format() != tt.format {
				t.Errorf("Parse(%q) = %s %s, formatted %s; want %s %s, formatted %s",
					tt.typed, doc.Kind(), doc, doc.Format(), tt.kind, tt.stored, tt.format)
			}
		})
	}
}

func TestParseRefusesWhatIsNot(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		typed string
		want  error
	}{
		{"nothing", "", brdoc.ErrLength},
		{"only punctuation", ".-/ ", brdoc.ErrLength},
		{"a character short of a CNPJ", "1672723000019", brdoc.ErrLength},
		{"a character over", "167272300001970", brdoc.ErrLength},
		{"a CPF that lost its leading zero", "1234567890", brdoc.ErrLength},

		{"a letter in the check digits of a CNPJ", "12ABC34501DE3A", brdoc.ErrCharacter},
		{"a letter in a CPF", "39053344A05", brdoc.ErrCharacter},
		{"punctuation that no document has", "16_727_230/0001-97", brdoc.ErrCharacter},
		{"an accented letter", "12.ÁBC.345/01DE-35", brdoc.ErrCharacter},
		{"a dotless i, which upper-cases to I", "S8ıV3Z8A000100", brdoc.ErrCharacter},
		{"digits of another script", "１6727230000197", brdoc.ErrCharacter},
		{"a quote inside", "16727230'000197", brdoc.ErrCharacter},
		{"only quotes", "“”", brdoc.ErrLength},
		{"bytes that are no UTF-8", "16727230000197\xff", brdoc.ErrCharacter},
		{"a zero byte", "16727230000197\x00", brdoc.ErrCharacter},

		{"a wrong second check digit", "16.727.230.0001-98", brdoc.ErrCheckDigits},
		{"wrong check digits", "52599927000100", brdoc.ErrCheckDigits},
		{"wrong check digits after letters", "12.ABC.345/01DE-53", brdoc.ErrCheckDigits},
		{"the CNPJ of zeros, which passes the arithmetic", "00000000000000", brdoc.ErrCheckDigits},
		{"a CNPJ of one repeated digit", "11111111111111", brdoc.ErrCheckDigits},
		{"a wrong CPF", "231.002.999-00", brdoc.ErrCheckDigits},
		{"a wrong first check digit of a CPF", "111.444.777-05", brdoc.ErrCheckDigits},
		{"a wrong second check digit of a CPF", "111.444.777-32", brdoc.ErrCheckDigits},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			doc, err := brdoc.Parse(tt.typed)
			if !errors.Is(err, tt.want) {
				t.Errorf("Parse(%q) = %v, %v; want %v", tt.typed, doc, err, tt.want)
			}
			if doc != (brdoc.Document{}) {
				t.Errorf("Parse(%q) returned %v beside its error", tt.typed, doc)
			}
		})
	}
}

func TestParseRefusesEveryRepeatedCPF(t *testing.T) {
	t.Parallel()
	for digit := range 10 {
		typed := strings.Repeat(string(rune('0'+digit)), 11)
		if _, err := brdoc.Parse(typed); !errors.Is(err, brdoc.ErrCheckDigits) {
			t.Errorf("Parse(%q): %v; want %v", typed, err, brdoc.ErrCheckDigits)
		}
	}
}

func TestTheSameDocumentTypedTwiceIsEqual(t *testing.T) {
	t.Parallel()
	if a, b := parse(t, "12.ABC.345/01DE-35"), parse(t, "12abc34501de35"); a != b {
		t.Errorf("%v != %v", a, b)
	}
}

func TestTheZeroDocumentIsEmpty(t *testing.T) {
	t.Parallel()
	var doc brdoc.Document
	if s := string(doc.Kind()) + doc.String() + doc.Format() + doc.Mask(); s != "" {
		t.Errorf("the zero document says %q", s)
	}
}

func TestMaskedHidesThePersonAndShowsTheCompany(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"12345678909":    "***.456.789-**",
		"39053344705":    "***.533.447-**",
		"16727230000197": "16.727.230/0001-97",
	} {
		if got := parse(t, typed).Mask(); got != want {
			t.Errorf("%s masked is %s; want %s", typed, got, want)
		}
	}
}

// Proves: 13.2
func TestALoggedCPFIsMasked(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("created", "document", parse(t, "390.533.447-05"))
	var line struct{ Document string }
	if err := json.Unmarshal(log.Bytes(), &line); err != nil || line.Document != "***.533.447-**" {
		t.Errorf("logged %s", &log)
	}
}

func TestFragmentIsSearchableWithAndWithoutPunctuation(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"12.abc":         "12ABC",
		"12ABC":          "12ABC",
		"345/01DE-":      "34501DE",
		" 390.533 ":      "390533",
		"padaria":        "PADARIA", // may as well be a part of a root
		"padaria & cia.": "",
		"São João":       "",
		"50%":            "", // nor a wildcard of SQL
		"a_b":            "",
		"./- ":           "",
		"":               "",
	} {
		if got := brdoc.Fragment(typed); got != want {
			t.Errorf("Fragment(%q) = %q; want %q", typed, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"12.ABC.345/01DE-35", "16.727.230/0001-97", "390.533.447-05", "00000000000000", "12ABC34501DE3A", "ı", "",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		doc, err := brdoc.Parse(typed)
		if err != nil {
			return
		}
		if got, want := brdoc.Fragment(typed), doc.String(); got != want {
			t.Errorf("Fragment(%q) = %q, but it parses as %q", typed, got, want)
		}
		for _, form := range []string{doc.String(), doc.Format(), strings.ToLower(doc.Format())} {
			if again, err := brdoc.Parse(form); err != nil || again != doc {
				t.Errorf("Parse(%q) = %v, %v; want %v, which was parsed of %q", form, again, err, doc, typed)
			}
		}
	})
}

func parse(t *testing.T, s string) brdoc.Document {
	t.Helper()
	doc, err := brdoc.Parse(s)
	if err != nil {
		t.Fatalf("parse %q: %v", s, err)
	}
	return doc
}
