package graph

import (
	"context"
	"encoding/json"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/graph/internal/model"
	"github.com/chaveiro/chaveiro/internal/base/brdoc"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
)

// sawAuditEvent expects the client and the object of an event in the loaders.
func (l *loaders) sawAuditEvent(e *ent.AuditEvent) {
	l.client.expect(orEmpty(e.ClientID))
	object := orEmpty(e.ObjectID)
	if of := nodesOf(l, object); of != nil {
		of.expect(object)
	}
}

// nameOf returns what an object is called; nil when it is not there, the caller may not see it, or it has no name.
func nameOf(ctx context.Context, id string) (*string, error) {
	found, err := node(ctx, id)
	if err != nil {
		return nil, err
	}
	switch object := found.(type) {
	case *ent.ClientRecord:
		return &object.Name, nil
	case *ent.ClientContact:
		return &object.Name, nil
	case *ent.Product:
		return &object.Name, nil
	case *ent.AccessKey:
		return &object.Name, nil
	case *ent.Operator:
		return &object.Name, nil
	case *ent.Marketplace:
		return &object.Description, nil
	default:
		return nil, nil
	}
}

// changesOf returns what an event changed, as text.
func changesOf(e *ent.AuditEvent) ([]*model.AuditChange, error) {
	recorded, err := audit.Record(e)
	if err != nil {
		return nil, err
	}
	changes := make([]*model.AuditChange, len(recorded.Changes))
	for i, change := range recorded.Changes {
		changes[i] = &model.AuditChange{Field: change.Field}
		if changes[i].Old, err = textOf(change.Old); err != nil {
			return nil, err
		}
		if changes[i].New, err = textOf(change.New); err != nil {
			return nil, err
		}
	}
	return changes, nil
}

// textOf returns a value of JSON as text.
func textOf(value any) (*string, error) {
	switch value := value.(type) {
	case nil:
		return nil, nil
	case string:
		return &value, nil
	default:
		encoded, err := json.Marshal(value)
		text := string(encoded)
		return &text, err
	}
}

// shown returns a document, formatted for a person if asked, as far as the caller may see it: a viewer gets a masked
// CPF. A text that is not a valid document, such as an erased client's, becomes empty.
func shown(ctx context.Context, text string, formatted bool) string {
	document, err := brdoc.Parse(text)
	switch {
	case err != nil:
		return ""
	case document.Kind() == brdoc.CPF && principal.HidesCPF(ctx):
		return document.Mask()
	case formatted:
		return document.Format()
	default:
		return document.String()
	}
}

// shownOf applies shown to a document that may be absent.
func shownOf(ctx context.Context, text *string) *string {
	if text == nil {
		return nil
	}
	return unlessEmpty(shown(ctx, *text, false))
}
