package main

import (
	"strings"
	"testing"

	"github.com/chaveiro/chaveiro/bench/load"
)

const (
	listOfThePortal = `{"data":{"clients":{"totalCount":1,"pageInfo":{"hasNextPage":false},"edges":[{"node":{
		"id":"cli_1","name":"Padaria","tradeName":"P","document":"1","products":[{"id":"cpr_1","marketplaces":[
		{"id":"mkp_1","provider":"SHOWKASE","description":"a","health":{"state":"OK","reason":"CHECK_PASSED"}},
		{"id":"mkp_2","provider":"NUVEMSHOP","description":"b","health":{"state":"OK","reason":"CHECK_PASSED"}}]}]}}]}}}`
	listOfAPeer = `{"totalItems":1,"items":[{"id":"cli_1","name":"Padaria","tradeName":"P","document":"1",
		"expand":{"marketplaces_via_client":[
		{"id":"mkp_2","provider":"NUVEMSHOP","description":"b","healthState":"OK","healthReason":"CHECK_PASSED"},
		{"id":"mkp_1","provider":"SHOWKASE","description":"a","healthState":"OK","healthReason":"CHECK_PASSED"}]}}]}`
)

func TestAListOfPocketBaseIsGoodOnlyIfItSaysWhatThePortalSays(t *testing.T) {
	t.Parallel()
	if err := wantSameListOfPocketBase([]byte(listOfThePortal), []byte(listOfAPeer)); err != nil {
		t.Error(err)
	}
	for _, change := range [][2]string{
		{`"totalItems":1`, `"totalItems":2`}, {"Padaria", "Mercado"}, {`"tradeName":"P"`, `"tradeName":"Q"`},
		{`"document":"1"`, `"document":"2"`}, {"cli_1", "cli_2"}, {"mkp_2", "mkp_3"}, {"SHOWKASE", "NUVEMSHOP"},
		{`"description":"a"`, `"description":"b"`}, {`"healthState":"OK"`, `"healthState":"FAILING"`},
		{"CHECK_PASSED", "TOKEN_REFUSED"}, {`"items":[`, `"items":[{},`}, {"marketplaces_via_client", "others"}, {"{", ""},
	} {
		other := strings.Replace(listOfAPeer, change[0], change[1], 1)
		if err := wantSameListOfPocketBase([]byte(listOfThePortal), []byte(other)); err == nil {
			t.Errorf("a list with %s instead of %s is said to be the same", change[1], change[0])
		}
	}
}

func TestAnAdditionToPocketBaseIsGoodOnlyIfItsAnswerHasTheMarketplace(t *testing.T) {
	t.Parallel()
	const good = `{"description":"Loja 1","healthReason":"NO_TEST_AVAILABLE","healthState":"NOT_TESTABLE",` +
		`"id":"mkp_1","provider":"SHOWKASE"}`
	want := wantAddedToPocketBase("Loja 1")
	if err := want(load.Answer{Status: 200, Body: []byte(good)}); err != nil {
		t.Error(err)
	}
	for _, bad := range []load.Answer{
		{Status: 400, Body: []byte(good)}, {Status: 200, Body: []byte(`{}`)},
		{Status: 200, Body: []byte(strings.Replace(good, "Loja 1", "Loja 2", 1))},
	} {
		if want(bad) == nil {
			t.Errorf("%d %s is said to be the marketplace", bad.Status, bad.Body)
		}
	}
}
