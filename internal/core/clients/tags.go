package clients

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"entgo.io/ent/dialect/sql"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/clienttag"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/store/search"
)

const (
	// maxTags caps the tags of a client.
	maxTags = 20
	maxTag  = 40
	// MaxTagsInUse caps the answer of TagsInUse.
	MaxTagsInUse = 100
)

// tag is a tag as it is shown, and the key by which it is found.
type tag struct{ text, key string }

// checkTags returns the tags that were typed, each once.
func checkTags(bad *fault.List, texts []string) []tag {
	tags := make([]tag, 0, len(texts))
	for i, text := range texts {
		at := []string{"tags", strconv.Itoa(i)}
		text = strings.Join(strings.Fields(bad.Line(text, maxTag, at...)), " ")
		t := tag{text, search.Fold(text)}
		switch {
		case text == "":
		case t.key == "":
			bad.Add(fault.InvalidCharacters, nil, at...)
		case !slices.ContainsFunc(tags, t.isSame):
			tags = append(tags, t)
		}
	}
	if len(tags) > maxTags {
		bad.Add(fault.LimitReached, []any{maxTags}, "tags")
	}
	return tags
}

func (t tag) isSame(other tag) bool { return t.key == other.key }

// tagsOf returns the tags of a client, in the order in which they are shown.
func tagsOf(ctx context.Context, tx *ent.Tx, clientID string) ([]tag, error) {
	rows, err := tx.ClientTag.Query().Where(clienttag.ClientID(clientID)).Order(clienttag.ByTagKey()).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the client's tags: %w", err)
	}
	tags := make([]tag, len(rows))
	for i, row := range rows {
		tags[i] = tag{row.Tag, row.TagKey}
	}
	return tags, nil
}

// setTags gives a client these tags instead of the old ones.
func setTags(ctx context.Context, tx *ent.Tx, clientID string, old, next []tag) error {
	for _, t := range old {
		if slices.ContainsFunc(next, t.isSame) {
			continue
		}
		_, err := tx.ClientTag.Delete().Where(clienttag.ClientID(clientID), clienttag.TagKey(t.key)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("delete a tag of the client: %w", err)
		}
	}
	for _, t := range next {
		if slices.ContainsFunc(old, t.isSame) {
			continue
		}
		if err := tx.ClientTag.Create().SetClientID(clientID).SetTag(t.text).SetTagKey(t.key).Exec(ctx); err != nil {
			return fmt.Errorf("insert a tag of the client: %w", err)
		}
	}
	return nil
}

// asWritten returns tags in the order in which they are shown, each as clients have it already.
func asWritten(ctx context.Context, tx *ent.Tx, tags []tag) ([]tag, error) {
	written := slices.Clone(tags)
	for i, t := range written {
		row, err := tx.ClientTag.Query().Where(clienttag.TagKey(t.key)).Order(clienttag.ByClientID()).First(ctx)
		switch {
		case ent.IsNotFound(err):
		case err != nil:
			return nil, fmt.Errorf("look for the tag: %w", err)
		default:
			written[i].text = row.Tag
		}
	}
	slices.SortFunc(written, func(a, b tag) int { return cmp.Compare(a.key, b.key) })
	return written, nil
}

func textsOf(tags []tag) []string {
	texts := make([]string, len(tags))
	for i, t := range tags {
		texts[i] = t.text
	}
	return texts
}

// hasTags matches the clients that have all of these tags.
func hasTags(tags []string) []predicate.ClientRecord {
	if len(tags) > maxTags { // nobody has so many
		return []predicate.ClientRecord{func(s *sql.Selector) { s.Where(sql.False()) }}
	}
	where := make([]predicate.ClientRecord, len(tags))
	for i, t := range tags {
		where[i] = inSubquery(true, func(dialect string) *sql.Selector { return search.OfTag(dialect, t) })
	}
	return where
}

// TagInUse is a tag that clients have.
type TagInUse struct {
	Tag string `json:"tag"`
	// Clients is how many have it.
	Clients int `json:"clients"`
}

// TagsInUse returns the tags that clients have and that begin with a text, which may be empty: those of the most
// clients first, at most first of them.
func (s *Service) TagsInUse(ctx context.Context, text string, first int) ([]*TagInUse, error) {
	if first < 1 || first > MaxTagsInUse {
		return nil, fault.BadRequest{Detail: fault.PageSize}
	}
	if utf8.RuneCountInString(text) > 200 {
		return nil, fault.BadRequest{Detail: fault.SearchTooLong}
	}
	query := s.store.Reader().ClientTag.Query()
	if key := search.Fold(text); key != "" {
		query.Where(clienttag.TagKeyGTE(key), clienttag.TagKeyLT(key+"\U0010ffff"))
	}
	found := []*TagInUse{}
	err := query.Modify(func(sel *sql.Selector) {
		sel.Select(
			sql.As(sql.Min(sel.C(clienttag.FieldTag)), "tag"), sql.As(sql.Count("*"), "clients"),
		).GroupBy(sel.C(clienttag.FieldTagKey)).
			OrderBy(sql.Desc("clients"), sel.C(clienttag.FieldTagKey)).Limit(first)
	}).Scan(ctx, &found)
	if err != nil {
		return nil, fmt.Errorf("list the tags in use: %w", err)
	}
	return found, nil
}
