package ident_test

import (
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/ident"
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

func TestTheFirstIdOfAnInstantDividesBeforeFromAfter(t *testing.T) {
	t.Parallel()
	before := ident.New(ident.AuditEvent)
	time.Sleep(3 * time.Millisecond) // ids tell milliseconds
	at := time.Now()
	time.Sleep(3 * time.Millisecond)
	after := ident.New(ident.AuditEvent)
	if first := ident.FirstAt(ident.AuditEvent, at); before >= first || first >= after || len(first) != len(after) {
		t.Errorf("%s is not between %s and %s", first, before, after)
	}
	if early := ident.FirstAt(ident.AuditEvent, time.Unix(-1, 0)); early >= before {
		t.Errorf("a time before all ids gives %s", early)
	}
}

func TestNumbersRiseAndTellWhenTheyWereMade(t *testing.T) {
	t.Parallel()
	begin := time.Now()
	var numbers []int64
	for range 1000 {
		numbers = append(numbers, ident.Number())
	}
	if !slices.IsSorted(numbers) || len(slices.Compact(slices.Clone(numbers))) != len(numbers) {
		t.Error("they do not rise")
	}
	first, last := numbers[0], numbers[len(numbers)-1]
	if first < ident.FirstNumberAt(begin) || last >= ident.FirstNumberAt(time.Now().Add(time.Millisecond)) {
		t.Errorf("%d to %d are not from between %s and now", first, last, begin)
	}
	if early := ident.FirstNumberAt(time.Unix(0, 0)); early != 0 {
		t.Errorf("a time before all numbers gives %d", early)
	}
}

func TestANumberStandsForAnIdAndNoOther(t *testing.T) {
	t.Parallel()
	seen := map[int64]bool{}
	for range 1000 {
		id := ident.New(ident.Marketplace)
		n := ident.NumberOf(id)
		if n < 0 || n != ident.NumberOf(id) || seen[n] {
			t.Fatalf("%s has the number %d, then %d; another had it: %v", id, n, ident.NumberOf(id), seen[n])
		}
		seen[n] = true
	}
}
