package simulated_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/provider/simulated"
)

const (
	houseLogin    = "integracao@casa.example"
	housePassword = "senha-da-casa"
)

func newHouse(t *testing.T) hub {
	t.Helper()
	h := newHub(t)
	h.AddHouse(softwareCNPJ, houseLogin, housePassword)
	return h
}

func (h hub) postLogin(t *testing.T, login, password string) said {
	t.Helper()
	return do(t, asked{method: "POST", url: h.url + "/auth/login",
		json: fmt.Sprintf(`{"login":%q,"password":%q}`, login, password)})
}

func (h hub) getToken(t *testing.T, session, store, house string) said {
	t.Helper()
	return do(t, asked{url: h.url + "/stores/" + store + "/software-houses/" + house + "/token?notEncoded=true",
		header: bearer(session)})
}

func TestASoftwareHouseGetsAPairForItsStores(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.AddStore("12ABC34501DE35", "11222333000181")
	answer := h.postLogin(t, houseLogin, housePassword)
	answer.want(t, http.StatusOK, `"login":"`+houseLogin+`"`)
	session := answer.text("accessToken")

	pair := h.getToken(t, session, storeCNPJ, softwareCNPJ)
	pair.want(t, http.StatusOK)
	h.getOrders(t, pair.text("accessToken")).want(t, http.StatusOK)
	h.postRefresh(t, pair.text("refreshToken")).want(t, http.StatusOK)
	if h.Mints(storeCNPJ) != 1 {
		t.Errorf("%d pairs", h.Mints(storeCNPJ))
	}
	h.getToken(t, session, "00000000000191", softwareCNPJ).want(t, http.StatusNotFound, "Loja não encontrada")
	h.getToken(t, session, "12ABC34501DE35", softwareCNPJ).want(t, http.StatusForbidden)
	h.getToken(t, session, storeCNPJ, "11222333000181").want(t, http.StatusForbidden)
	h.getToken(t, "unknown", storeCNPJ, softwareCNPJ).want(t, http.StatusUnauthorized)

	h.EndSessions(houseLogin)
	h.getToken(t, session, storeCNPJ, softwareCNPJ).want(t, http.StatusUnauthorized)
	session = h.postLogin(t, houseLogin, housePassword).text("accessToken")
	h.advance(24 * time.Hour)
	h.getToken(t, session, storeCNPJ, softwareCNPJ).want(t, http.StatusUnauthorized)
}

func TestAPairOfTheHouseMayEndTheOneBefore(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.postLogin(t, houseLogin, housePassword).text("accessToken")
	h.getToken(t, session, storeCNPJ, softwareCNPJ).want(t, http.StatusOK)
	h.getOrders(t, h.access).want(t, http.StatusOK)
	h.SetMintEndsOldPair(true)
	h.Revoke(storeCNPJ)
	pair := h.getToken(t, session, storeCNPJ, softwareCNPJ)
	h.getOrders(t, h.access).want(t, http.StatusUnauthorized)
	h.postRefresh(t, h.refresh).want(t, http.StatusUnauthorized)
	h.getOrders(t, pair.text("accessToken")).want(t, http.StatusOK)
}

func TestAHouseIsLockedByTheThirdWrongPassword(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for range 4 {
		h.postLogin(t, houseLogin, "wrong").want(t, http.StatusUnauthorized)
	}
	h.postLogin(t, houseLogin, housePassword).want(t, http.StatusOK)
	h.SetLockAfter(3)
	h.postLogin(t, "nobody", "wrong").want(t, http.StatusUnauthorized)
	for range 3 {
		h.postLogin(t, houseLogin, "wrong").want(t, http.StatusUnauthorized)
	}
	h.postLogin(t, houseLogin, housePassword).want(t, http.StatusForbidden, "Usuário bloqueado")
	if h.WrongPasswords(houseLogin) != 8 || h.HouseLogins(houseLogin) != 9 {
		t.Errorf("%d wrong of %d", h.WrongPasswords(houseLogin), h.HouseLogins(houseLogin))
	}
	h.SetHousePassword(houseLogin, "another")
	h.postLogin(t, houseLogin, housePassword).want(t, http.StatusUnauthorized)
	h.postLogin(t, houseLogin, "another").want(t, http.StatusOK)
	h.postLogin(t, houseLogin, "").want(t, http.StatusBadRequest)
}

func TestThousandsOfStoresAreServedAndAPanelShowsSome(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const stores = 20_000
	for i := range stores {
		h.AddStore(fmt.Sprintf("%014d", i), softwareCNPJ)
	}
	last := fmt.Sprintf("%014d", stores-1)
	h.postRefresh(t, h.CurrentRefresh(last)).want(t, http.StatusOK)
	h.getOrders(t, h.CurrentAccess(last)).want(t, http.StatusOK, last)
	panel := do(t, asked{url: h.url + "/"})
	panel.want(t, http.StatusOK, "Aqui estão 200 de "+strconv.Itoa(stores+1)+" lojas.")
	if shown := strings.Count(panel.body, "<section"); shown != 200 {
		t.Errorf("%d shops are shown", shown)
	}
}

func TestTheSessionsOfAHouseAreForgottenInTheirOrder(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first := h.postLogin(t, houseLogin, housePassword).text("accessToken")
	for range 50 {
		h.postLogin(t, houseLogin, housePassword).want(t, http.StatusOK)
	}
	h.getToken(t, first, storeCNPJ, softwareCNPJ).want(t, http.StatusUnauthorized)
	if h.Mints(storeCNPJ) != 0 || h.Mints("unknown") != 0 {
		t.Error("a pair was made")
	}
	h.Script(simulated.Status(500).On("/auth/login"))
	h.postLogin(t, houseLogin, housePassword).want(t, http.StatusInternalServerError)
}
