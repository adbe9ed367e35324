package principal_test

import (
	"errors"
	"testing"

	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/principal"
)

func TestAScriptIsNoPersonAndOneRoleIsTheAdministrators(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		is                        principal.Principal
		isPerson, isAdministrator bool
	}{
		"no caller":        {nil, false, false},
		"the program":      {principal.System{}, false, false},
		"a key":            {principal.Key{ID: "key_1"}, false, false},
		"a script":         {principal.Operator{ID: "svt_1", Role: principal.Admin}, false, false},
		"an operator":      {principal.Operator{ID: "opr_1", Role: principal.Editor, SessionID: "ses_1"}, true, false},
		"an administrator": {principal.Operator{ID: "opr_1", Role: principal.Admin, SessionID: "ses_1"}, true, true},
	} {
		ctx := t.Context()
		if c.is != nil {
			ctx = principal.With(ctx, c.is)
		}
		if _, err := principal.Person(ctx); (err == nil) != c.isPerson || err != nil && !errors.Is(err, fault.Forbidden) {
			t.Errorf("%s as a person: %v", name, err)
		}
		_, err := principal.Administrator(ctx)
		if (err == nil) != c.isAdministrator || err != nil && !errors.Is(err, fault.Forbidden) {
			t.Errorf("%s as an administrator: %v", name, err)
		}
	}
}
