package limit_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alexedwards/argon2id"

	"github.com/chaveiro/chaveiro/bench/limit"
)

func TestTheLimitLetsInWhoeverHasTheRightKeyTokenOrPasswordAlone(t *testing.T) {
	t.Parallel()
	db, err := limit.Open("sqlite:"+filepath.Join(t.TempDir(), "limit.db"), limit.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	hash, err := argon2id.CreateHash("right", &argon2id.Params{
		Memory: 8, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32,
	})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Fill(t.Context(), limit.House{
		ProductID: "prd_1", ProductName: "Integration Marketplace", Tokens: []string{"right"},
		Operator: limit.Operator{Email: "ana@example.com", Name: "Ana", Role: "ADMIN", PasswordHash: hash},
	}, []limit.Shop{{
		ClientID: "cli_1", ClientProductID: "cpr_1", Name: "Padaria", AccessKey: "right", AccessKeyID: "key_1",
		SearchText: "padaria",
		Marketplaces: []limit.Marketplace{{
			ID: "mkp_1", Provider: "SHOWKASE", HealthReason: "TOKEN_REFUSED", Credentials: `{"token":"t0p"}`,
		}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	handler, err := limit.Handler(db)
	if err != nil {
		t.Fatal(err)
	}
	for _, of := range []struct{ method, path, body, want string }{
		{"GET", "/integration", ``, `"credentials":{"token":"t0p"}`},
		{"POST", "/clients", `{"search":"ADAR","first":20}`, `{"totalCount":1,"pageInfo":{"hasNextPage":false}`},
		{"POST", "/marketplaces", `{"clientProductId":"cpr_1","description":"Nova","token":"x"}`, `"description":"Nova"`},
		{"POST", "/login", `{"email":"ana@example.com","password":"right"}`, `{"data":{"login":{"operator":{"name":"Ana"`},
	} {
		for _, as := range []string{"right", "wrong"} {
			request := httptest.NewRequest(of.method, of.path, strings.NewReader(strings.Replace(of.body, "right", as, 1)))
			request.Header.Set("Authorization", "Bearer "+as)
			answer := httptest.NewRecorder()
			handler.ServeHTTP(answer, request)
			if as == "wrong" && answer.Code != http.StatusUnauthorized ||
				as == "right" && (answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), of.want)) {
				t.Errorf("%s %s as %s: %d %s", of.method, of.path, as, answer.Code, answer.Body)
			}
		}
	}
}
