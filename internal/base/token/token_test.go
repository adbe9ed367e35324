package token_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"github.com/chaveiro/chaveiro/internal/base/token"
)

// published is a key whose check was computed apart from this package, so that
// the form cannot change unseen.
const published = "chv_live_0123456789AB_" + "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ" + "2AO57L"

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

var whole = regexp.MustCompile("^(?:" + token.Pattern + ")$")

func TestANewTokenHasThePublishedForm(t *testing.T) {
	t.Parallel()
	for _, env := range []token.Environment{token.Live, token.Test} {
		made := newToken(t, env)
		key := made.Reveal()
		if !whole.MatchString(key) {
			t.Errorf("%s does not match %s", key, token.Pattern)
		}
		if prefix := "chv_" + string(env) + "_" + made.ID() + "_"; len(made.ID()) != 12 || !strings.HasPrefix(key, prefix) {
			t.Errorf("%s does not begin with %s", key, prefix)
		}
		if !strings.HasSuffix(key, made.Last4()) || len(made.Last4()) != 4 {
			t.Errorf("%s does not end in %s", key, made.Last4())
		}
		if made.Environment() != env {
			t.Errorf("%s is of %q; want %q", key, made.Environment(), env)
		}
	}
}

func TestNewRefusesAnUnknownEnvironment(t *testing.T) {
	t.Parallel()
	for _, env := range []token.Environment{"", "LIVE", "prod"} {
		if made, err := token.New(env); err == nil || !made.IsZero() {
			t.Errorf("New(%q) made a key", env)
		}
	}
}

func TestTokensAreUniqueAndUseEveryCharacter(t *testing.T) {
	t.Parallel()
	const n = 5000
	seen := map[string]bool{}
	count := map[rune]int{}
	for range n {
		made := newToken(t, token.Live)
		if seen[made.ID()] || seen[made.Reveal()] {
			t.Fatal("a key or an id came twice")
		}
		seen[made.ID()], seen[made.Reveal()] = true, true
		for _, char := range made.Reveal()[22:65] {
			count[char]++
		}
	}
	// 43 n draws of 62: the mean is 3,468 with a deviation of 58. A draw by the
	// rest of a byte would give the first 8 characters 25 % more than the others.
	mean := 43 * n / 62
	for _, char := range base62 {
		if got := count[char]; got < mean*9/10 || got > mean*11/10 {
			t.Errorf("%q was drawn %d times; want about %d", char, got, mean)
		}
	}
}

func TestParseAcceptsAKeyThatWasMade(t *testing.T) {
	t.Parallel()
	for _, key := range []string{published, newToken(t, token.Live).Reveal(), newToken(t, token.Test).Reveal()} {
		made, err := token.Parse(key)
		if err != nil || made.Reveal() != key {
			t.Errorf("Parse(%s) = %s, %v", key, made.Reveal(), err)
		}
	}
}

func TestParseRefusesEveryChangedCharacter(t *testing.T) {
	t.Parallel()
	key := newToken(t, token.Live).Reveal()
	for i := range key {
		for _, char := range []byte(base62 + "_ -\x00\xff") {
			changed := []byte(key)
			if changed[i] == char {
				continue
			}
			changed[i] = char
			refused(t, string(changed))
		}
	}
}

func TestParseRefusesWhatIsNoKey(t *testing.T) {
	t.Parallel()
	key := newToken(t, token.Live).Reveal()
	for name, s := range map[string]string{
		"nothing":                 "",
		"a character short":       key[:len(key)-1],
		"a character over":        key + "0",
		"a space before":          " " + key,
		"a line end after":        key + "\n",
		"lower case":              strings.ToLower(key),
		"two characters swapped":  swap(key, 30),
		"the other environment":   strings.Replace(key, "live", "test", 1),
		"an unknown environment":  strings.Replace(key, "live", "prod", 1),
		"without its separator":   strings.Replace(key, "_", "0", 3),
		"a letter of two bytes":   key[:30] + "é" + key[32:],
		"a megabyte":              strings.Repeat("chv_live_", 1<<17),
		"a check without padding": published[:65],
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused(t, s)
		})
	}
}

func TestRefusingAllocatesNothing(t *testing.T) {
	key := newToken(t, token.Live).Reveal()
	for _, s := range []string{"", "Basic", key[:70] + "?", strings.Repeat("x", 1<<20)} {
		if n := testing.AllocsPerRun(100, func() { _, _ = token.Parse(s) }); n > 0 {
			t.Errorf("Parse of %d bytes allocates %v times", len(s), n)
		}
	}
}

// Proves: 5.2
func TestATokenMatchesOnlyItsOwnHash(t *testing.T) {
	t.Parallel()
	made, other := newToken(t, token.Live), newToken(t, token.Live)
	again, err := token.Parse(made.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	if hash := made.Hash(); len(hash) != 32 || !again.Matches(hash) {
		t.Errorf("the key does not match its hash %x", hash)
	}
	for name, hash := range map[string][]byte{
		"another's":  other.Hash(),
		"half of it": made.Hash()[:16],
		"none":       nil,
	} {
		if made.Matches(hash) {
			t.Errorf("the key matches %s", name)
		}
	}
}

func TestTheZeroTokenIsNoKey(t *testing.T) {
	t.Parallel()
	var zero token.Token
	if s := zero.ID() + zero.Last4() + string(zero.Environment()) + zero.Reveal(); s != "" {
		t.Errorf("the zero token says %q", s)
	}
	if zero.Matches(nil) || zero.Matches(make([]byte, 32)) || zero.Matches(newToken(t, token.Live).Hash()) {
		t.Error("the zero token matches a hash")
	}
}

func TestATokenIsShownOnlyByReveal(t *testing.T) {
	t.Parallel()
	made := newToken(t, token.Live)
	key := made.Reveal()
	type issued struct {
		Token  token.Token
		hidden token.Token
	}
	value := issued{made, made}

	var shown strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%p"} {
		fmt.Fprintf(&shown, verb+verb+verb+"\n", made, value, &value)
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	shown.Write(encoded)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("issued", "token", made, "value", value)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("issued", "token", made, "value", value)
	shown.Write(log.Bytes())

	for _, leak := range []string{key, key[22:65], fmt.Sprintf("%x", key), made.ID()} {
		if strings.Contains(shown.String(), leak) {
			t.Errorf("it shows %s:\n%s", leak, shown.String())
		}
	}
	if got := made.String(); got != "[redacted]" {
		t.Errorf("String() = %s", got)
	}
}

// Proves: 5.1
func FuzzParse(f *testing.F) {
	f.Add(published)
	f.Add(newToken(f, token.Test).Reveal())
	f.Add("chv_live_")
	f.Add(strings.Repeat("_", 71))
	f.Fuzz(func(t *testing.T, s string) {
		made, err := token.Parse(s)
		if err != nil {
			if !errors.Is(err, token.ErrMalformed) || !made.IsZero() {
				t.Errorf("Parse(%q) = %s, %v", s, made.Reveal(), err)
			}
			return
		}
		if made.Reveal() != s || !whole.MatchString(s) || !made.Matches(made.Hash()) {
			t.Errorf("Parse accepts %q", s)
		}
	})
}

func newToken(t testing.TB, env token.Environment) token.Token {
	t.Helper()
	made, err := token.New(env)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return made
}

func refused(t *testing.T, s string) {
	t.Helper()
	if made, err := token.Parse(s); !errors.Is(err, token.ErrMalformed) || !made.IsZero() {
		t.Errorf("Parse(%.80q) = %s, %v; want %v", s, made.Reveal(), err, token.ErrMalformed)
	}
}

// swap exchanges the first two different neighbours from i on.
func swap(key string, i int) string {
	b := []byte(key)
	for b[i] == b[i+1] {
		i++
	}
	b[i], b[i+1] = b[i+1], b[i]
	return string(b)
}

func TestAnOpaqueTokenHas256BitsAndIsFoundByItsHash(t *testing.T) {
	t.Parallel()
	text, hash := token.NewOpaque()
	other, _ := token.NewOpaque()
	if len(text) != 43 || text == other || len(hash) != 32 || !bytes.Equal(hash, token.HashOpaque(text)) {
		t.Errorf("%q with the hash %x, then %q", text, hash, other)
	}
}
