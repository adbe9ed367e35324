package accesskey_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"github.com/chaveiro/chaveiro/internal/core/accesskey"
)

// published is a key whose check was computed apart from this package, so that
// the form cannot change unseen.
const published = "chv_live_0123456789AB_" + "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ" + "2AO57L"

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

var whole = regexp.MustCompile("^(?:" + accesskey.Pattern + ")$")

func TestANewTokenHasThePublishedForm(t *testing.T) {
	t.Parallel()
	for _, env := range []accesskey.Environment{accesskey.Live, accesskey.Test} {
		token := newToken(t, env)
		key := token.Reveal()
		if !whole.MatchString(key) {
			t.Errorf("%s does not match %s", key, accesskey.Pattern)
		}
		if prefix := "chv_" + string(env) + "_" + token.ID() + "_"; len(token.ID()) != 12 || !strings.HasPrefix(key, prefix) {
			t.Errorf("%s does not begin with %s", key, prefix)
		}
		if !strings.HasSuffix(key, token.Last4()) || len(token.Last4()) != 4 {
			t.Errorf("%s does not end in %s", key, token.Last4())
		}
		if token.Environment() != env {
			t.Errorf("%s is of %q; want %q", key, token.Environment(), env)
		}
	}
}

func TestNewTokenRefusesAnUnknownEnvironment(t *testing.T) {
	t.Parallel()
	for _, env := range []accesskey.Environment{"", "LIVE", "prod"} {
		if token, err := accesskey.NewToken(env); err == nil || !token.IsZero() {
			t.Errorf("NewToken(%q) made a key", env)
		}
	}
}

func TestTokensAreUniqueAndUseEveryCharacter(t *testing.T) {
	t.Parallel()
	const n = 5000
	seen := map[string]bool{}
	count := map[rune]int{}
	for range n {
		token := newToken(t, accesskey.Live)
		if seen[token.ID()] || seen[token.Reveal()] {
			t.Fatal("a key or an id came twice")
		}
		seen[token.ID()], seen[token.Reveal()] = true, true
		for _, char := range token.Reveal()[22:65] {
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
	for _, key := range []string{published, newToken(t, accesskey.Live).Reveal(), newToken(t, accesskey.Test).Reveal()} {
		token, err := accesskey.Parse(key)
		if err != nil || token.Reveal() != key {
			t.Errorf("Parse(%s) = %s, %v", key, token.Reveal(), err)
		}
	}
}

func TestParseRefusesEveryChangedCharacter(t *testing.T) {
	t.Parallel()
	key := newToken(t, accesskey.Live).Reveal()
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
	key := newToken(t, accesskey.Live).Reveal()
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
	key := newToken(t, accesskey.Live).Reveal()
	for _, s := range []string{"", "Basic", key[:70] + "?", strings.Repeat("x", 1<<20)} {
		if n := testing.AllocsPerRun(100, func() { _, _ = accesskey.Parse(s) }); n > 0 {
			t.Errorf("Parse of %d bytes allocates %v times", len(s), n)
		}
	}
}

func TestATokenMatchesOnlyItsOwnHash(t *testing.T) {
	t.Parallel()
	token, other := newToken(t, accesskey.Live), newToken(t, accesskey.Live)
	again, err := accesskey.Parse(token.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	if hash := token.Hash(); len(hash) != 32 || !again.Matches(hash) {
		t.Errorf("the key does not match its hash %x", hash)
	}
	for name, hash := range map[string][]byte{
		"another's":  other.Hash(),
		"half of it": token.Hash()[:16],
		"none":       nil,
	} {
		if token.Matches(hash) {
			t.Errorf("the key matches %s", name)
		}
	}
}

func TestTheZeroTokenIsNoKey(t *testing.T) {
	t.Parallel()
	var zero accesskey.Token
	if s := zero.ID() + zero.Last4() + string(zero.Environment()) + zero.Reveal(); s != "" {
		t.Errorf("the zero token says %q", s)
	}
	if zero.Matches(nil) || zero.Matches(make([]byte, 32)) || zero.Matches(newToken(t, accesskey.Live).Hash()) {
		t.Error("the zero token matches a hash")
	}
}

func TestATokenIsShownOnlyByReveal(t *testing.T) {
	t.Parallel()
	token := newToken(t, accesskey.Live)
	key := token.Reveal()
	type issued struct {
		Token  accesskey.Token
		hidden accesskey.Token
	}
	value := issued{token, token}

	var shown strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%p"} {
		fmt.Fprintf(&shown, verb+verb+verb+"\n", token, value, &value)
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	shown.Write(encoded)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("issued", "token", token, "value", value)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("issued", "token", token, "value", value)
	shown.Write(log.Bytes())

	for _, leak := range []string{key, key[22:65], fmt.Sprintf("%x", key), token.ID()} {
		if strings.Contains(shown.String(), leak) {
			t.Errorf("it shows %s:\n%s", leak, shown.String())
		}
	}
	if got := token.String(); got != "[redacted]" {
		t.Errorf("String() = %s", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(published)
	f.Add(newToken(f, accesskey.Test).Reveal())
	f.Add("chv_live_")
	f.Add(strings.Repeat("_", 71))
	f.Fuzz(func(t *testing.T, s string) {
		token, err := accesskey.Parse(s)
		if err != nil {
			if !errors.Is(err, accesskey.ErrMalformed) || !token.IsZero() {
				t.Errorf("Parse(%q) = %s, %v", s, token.Reveal(), err)
			}
			return
		}
		if token.Reveal() != s || !whole.MatchString(s) || !token.Matches(token.Hash()) {
			t.Errorf("Parse accepts %q", s)
		}
	})
}

func newToken(t testing.TB, env accesskey.Environment) accesskey.Token {
	t.Helper()
	token, err := accesskey.NewToken(env)
	if err != nil {
		t.Fatalf("NewToken: %v", err)
	}
	return token
}

func refused(t *testing.T, s string) {
	t.Helper()
	if token, err := accesskey.Parse(s); !errors.Is(err, accesskey.ErrMalformed) || !token.IsZero() {
		t.Errorf("Parse(%.80q) = %s, %v; want %v", s, token.Reveal(), err, accesskey.ErrMalformed)
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
