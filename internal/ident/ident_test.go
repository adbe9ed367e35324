package ident_test

import (
	"regexp"
	"slices"
	"testing"

	"github.com/chaveiro/chaveiro/internal/ident"
)

func TestIdsOfOneTypeSortByTheTimeTheyWereMade(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^cli_[0-9a-v]{26}$`)
	var ids []string
	for range 1000 {
		id := ident.New(ident.Client)
		if !form.MatchString(id) {
			t.Fatalf("%q has another form", id)
		}
		ids = append(ids, id)
	}
	if !slices.IsSorted(ids) {
		t.Error("they do not")
	}
	if slices.Sort(ids); len(slices.Compact(ids)) != 1000 {
		t.Error("two are the same")
	}
}

func TestThePrefixTellsTheType(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		ident.New(ident.Marketplace): ident.Marketplace, "cli_": "cli", "cli": "", "": "", "_x": "", "a_b_c": "a",
	} {
		if got := ident.Prefix(id); got != want {
			t.Errorf("the prefix of %q is %q, want %q", id, got, want)
		}
	}
}
