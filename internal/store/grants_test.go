package store_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/operator"
	"github.com/chaveiro/chaveiro/ent/tables"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// grantNothing are the columns of rows that grant whose change gives no access, by table; those of all tables are at
// "".
var grantNothing = map[string][]string{
	"": {"mac", "created_at", "updated_at", "version", "name", "last4", "last_used_address", "exposed_at"},
	"access_keys": {"last_used_at", "created_by", "created_by_id", "replaced_by_id", "refused_at", "refused_address",
		"bait_since", "bait_used_at"},
	"service_tokens":  {"last_used_at", "created_by"},
	"operators":       {"last_login_at", "totp_sealed" /* sealed to its row */, "totp_step"},
	"passkeys":        {"last_used_at", "credential" /* but for its public key, which has its own test */},
	"sessions":        {"browser", "last_browser", "changes_since", "end_reason"},
	"refresh_tokens":  {"successor_sealed" /* sealed to its row */, "grace_used"},
	"one_time_tokens": {"data_sealed" /* sealed to its row */},
	"install_links":   {"created_by", "created_by_id"},
	"install_states":  {"ending", "owner_id"},
	"clients": {
		"trade_name", "name_key", "search_text", "trouble", "archived_at" /* it switches */, "bait_since", "erased_at",
		"erased_document",
	},
	"client_products": {"suspended_at" /* it switches */, "revision"},
	"marketplaces": {
		"description", "settings", "secrets_sealed" /* sealed to its row, as all that is sealed */, "secrets_host",
		"secret_states", "account_name",
		"provider_state", "provider_message", "credential_version", "credentials_expire_at", "health_state",
		"health_since", "health_reason_since", "last_checked_at", "next_check_at", "failures", "lease_until", "lease_by",
		"renewal_begun_at",
		"call_cause", "call_detail",
		"renewed_at", "previous_sealed", "previous_until", "renew_at", "minted_at", "unread_sealed", "unread_until",
	},
}

// Proves: 6.9
func TestEachColumnOfARowThatGrantsIsAuthenticatedOrGrantsNothing(t *testing.T) {
	t.Parallel()
	granting := 0
	for _, table := range tables.Tables {
		decides, grants := store.GrantColumns(table.Name)
		hasMAC := slices.ContainsFunc(columnsOf(table.Name), func(name string) bool { return name == "mac" })
		if grants != hasMAC && table.Name != "audit_checkpoints" { // which has one of its own
			t.Errorf("%s grants: %t, has a MAC: %t", table.Name, grants, hasMAC)
		}
		if !grants {
			continue
		}
		granting++
		for _, name := range columnsOf(table.Name) {
			outside := slices.Contains(grantNothing[""], name) || slices.Contains(grantNothing[table.Name], name)
			if name != "id" && slices.Contains(decides, name) == outside {
				t.Errorf("%s.%s: decide whether it is authenticated", table.Name, name)
			}
		}
	}
	if granting != 13 {
		t.Errorf("%d tables grant, want 13", granting)
	}
}

func columnsOf(table string) []string {
	var names []string
	for _, t := range tables.Tables {
		if t.Name == table {
			for _, c := range t.Columns {
				names = append(names, c.Name)
			}
		}
	}
	return names
}

// granted inserts two rows into each table that grants, and returns the ids of the first ones by table.
func granted(t *testing.T, s *store.Store) map[string]string {
	t.Helper()
	at := time.Now()
	ids := map[string]string{}
	mustWrite(t, s, func(ctx context.Context, tx *ent.Tx) error {
		for i := range 2 {
			n := fmt.Sprint(i)
			product, err := tx.Product.Create().SetCode(n).SetName(n).SetNameKey(n).SetHasMarketplaces(true).
				SetHasAccessKeys(true).Save(ctx)
			if err != nil {
				return err
			}
			hash := bytes.Repeat([]byte{byte(i)}, 32)
			networks := []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}
			client, err := tx.ClientRecord.Create().SetName(n).SetNameKey(n).SetSearchText(n).SetDocument(n).Save(ctx)
			if err != nil {
				return err
			}
			sold, err := tx.ClientProduct.Create().SetClientID(client.ID).SetProductID(product.ID).Save(ctx)
			if err != nil {
				return err
			}
			shop, err := tx.Marketplace.Create().SetClientID(client.ID).SetClientProductID(sold.ID).SetProvider("SHOWKASE").
				SetDescription(n).SetSettings(json.RawMessage("{}")).SetHealthState("NEVER_CHECKED").
				SetHealthReason("NEW").Save(ctx)
			if err != nil {
				return err
			}
			who, err := tx.Operator.Create().SetEmail(n + "@example.com").SetName(n).SetRole(principal.Viewer).
				SetPasswordHash("hash").Save(ctx)
			if err != nil {
				return err
			}
			session, err := tx.Session.Create().SetOperatorID(who.ID).SetAuthenticatedAt(at).SetExpiresAt(at).
				SetUserAgentHash(hash).SetAddress("192.0.2.1").Save(ctx)
			if err != nil {
				return err
			}
			key, err := tx.AccessKey.Create().SetClientProductID(sold.ID).SetClientID(client.ID).SetName(n).
				SetVisiblePart("k" + n).SetLast4("last").
				SetHash(hash).SetCreatedBy(n).SetAddresses(networks).SetExpiresAt(at).Save(ctx)
			if err != nil {
				return err
			}
			token, err := tx.ServiceToken.Create().SetName(n).SetRole(principal.Viewer).SetVisiblePart("s" + n).SetLast4("last").
				SetHash(hash).
				SetCreatedBy(n).SetExpiresAt(at).Save(ctx)
			if err != nil {
				return err
			}
			credential := json.RawMessage(`{"id": "aWQ=", "publicKey": "a2V5", "authenticator": {"signCount": 1}}`)
			passkey, err := tx.Passkey.Create().SetOperatorID(who.ID).SetCredentialID([]byte(n)).SetCredential(credential).
				SetName(n).Save(ctx)
			if err != nil {
				return err
			}
			code, err := tx.RecoveryCode.Create().SetOperatorID(who.ID).SetHash(hash).Save(ctx)
			if err != nil {
				return err
			}
			refresh, err := tx.RefreshToken.Create().SetSessionID(session.ID).SetHash(hash).Save(ctx)
			if err != nil {
				return err
			}
			once, err := tx.OneTimeToken.Create().SetPurpose("RESET").SetHash(hash).SetOperatorID(who.ID).
				SetExpiresAt(at).Save(ctx)
			if err != nil {
				return err
			}
			link, err := tx.InstallLink.Create().SetMarketplaceID(shop.ID).SetHash(hash).SetCreatedBy(n).
				SetExpiresAt(at).Save(ctx)
			if err != nil {
				return err
			}
			begun, err := tx.InstallState.Create().SetMarketplaceID(shop.ID).SetHash(hash).SetBrowserHash(hash).
				SetLinkID(link.ID).SetOperatorID(who.ID).SetExpiresAt(at).Save(ctx)
			if err != nil {
				return err
			}
			if i == 0 {
				ids = map[string]string{
					"access_keys": key.ID, "service_tokens": token.ID, "operators": who.ID, "passkeys": passkey.ID,
					"recovery_codes": code.ID,
					"sessions":       session.ID, "refresh_tokens": refresh.ID, "one_time_tokens": once.ID, "install_links": link.ID,
					"install_states": begun.ID,
					"clients":        client.ID, "client_products": sold.ID, "marketplaces": shop.ID,
				}
			}
		}
		return nil
	})
	return ids
}

// behind runs a statement as an intruder would who has only the database.
func behind(t *testing.T, s *store.Store, statement string, args ...any) {
	t.Helper()
	mustWrite(t, s, func(ctx context.Context, _ *ent.Tx) error {
		n, err := store.Exec(ctx, statement, args...)
		if err == nil && n == 0 && strings.Fields(statement)[1] != "TABLE" {
			return fmt.Errorf("%s changed nothing", statement)
		}
		return err
	})
}

// wantAltered fails unless these rows, and no others, do not verify; a row is a table and an id.
func wantAltered(t *testing.T, s *store.Store, want ...string) {
	t.Helper()
	rows, err := s.AlteredGrants(t.Context(), 100)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range rows {
		got = append(got, row.Table+" "+row.ID)
	}
	if !slices.Equal(got, want) {
		t.Errorf("altered are %q, want %q", got, want)
	}
}

// Proves: 6.9
func TestARowThatGrantsIsBoundToEachOfItsColumnsThatDecide(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ids := granted(t, s)
		wantAltered(t, s)
		for _, table := range tables.Tables {
			decides, _ := store.GrantColumns(table.Name)
			id := ids[table.Name]
			for _, column := range table.Columns {
				if !slices.Contains(decides, column.Name) {
					continue
				}
				for _, forged := range forgeries(s, table.Name, column) {
					behind(t, s, "CREATE TABLE kept AS SELECT * FROM "+table.Name+" WHERE id = '"+id+"'")
					behind(t, s, "UPDATE "+table.Name+" SET "+column.Name+" = "+forged+" WHERE id = $1", id)
					rows, err := s.AlteredGrants(t.Context(), 100)
					if err != nil || len(rows) != 1 || rows[0].Table != table.Name || rows[0].ID != id {
						t.Errorf("%s.%s set to %s: altered %v, %v", table.Name, column.Name, forged, rows, err)
					}
					behind(t, s, "UPDATE "+table.Name+" SET "+column.Name+" = (SELECT "+column.Name+" FROM kept) WHERE id = $1", id)
					behind(t, s, "DROP TABLE kept")
				}
			}
		}
		wantAltered(t, s)
	})
}

// forgeries returns the values, as SQL, that an intruder in the database may set a column to.
func forgeries(s *store.Store, table string, column *schema.Column) []string {
	switch column.Type {
	case field.TypeTime:
		return []string{"'2040-01-02 03:04:05+00:00'"}
	case field.TypeBool:
		return []string{"NOT " + column.Name}
	case field.TypeInt:
		return []string{"7"}
	case field.TypeBytes:
		if s.Dialect() == dialect.Postgres {
			return []string{`'\x0102'`}
		}
		return []string{"x'0102'"}
	case field.TypeJSON:
		return []string{`'["198.51.100.0/24"]'`, "'[]'"}
	case field.TypeEnum:
		return []string{"'ADMIN'"}
	}
	if column.Name == "health_reason" {
		return []string{"'WRONG_SHOP'"}
	}
	if strings.HasSuffix(column.Name, "_id") && column.Name != "created_by_id" { // of another row that there is
		return []string{
			"(SELECT x." + column.Name + " FROM " + table + " x WHERE x.id <> " + table + ".id AND x." + column.Name + " <> " +
				table + "." + column.Name + ")"}
	}
	return []string{"'other'"}
}

func TestAChangeThroughTheProgramKeepsTheMACOfARowThatVerifies(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ids := granted(t, s)
		now := time.Now()
		mustWrite(t, s, func(ctx context.Context, tx *ent.Tx) error {
			key, err := tx.AccessKey.UpdateOneID(ids["access_keys"]).SetRevokedAt(now).ClearAddresses().Save(ctx)
			if err != nil {
				return err
			}
			if !store.Verifies(s, key) {
				t.Error("the row that the caller gets does not verify")
			}
			if err := tx.Operator.Update().SetRole(principal.Admin).Exec(ctx); err != nil { // all of them
				return err
			}
			if err := tx.Session.Update().SetEndedAt(now).Exec(ctx); err != nil {
				return err
			}
			return tx.RecoveryCode.CreateBulk(
				tx.RecoveryCode.Create().SetOperatorID(ids["operators"]).SetHash([]byte("one")),
				tx.RecoveryCode.Create().SetOperatorID(ids["operators"]).SetHash([]byte("two")),
			).Exec(ctx)
		})
		wantAltered(t, s)
	})
}

// Proves: 6.9
func TestAChangeThroughTheProgramDoesNotVouchForARowThatWasAltered(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ids := granted(t, s)
		behind(t, s, "UPDATE operators SET role = 'ADMIN' WHERE id = $1", ids["operators"])
		mustWrite(t, s, func(ctx context.Context, tx *ent.Tx) error {
			return tx.Operator.Update().SetPasswordHash("other").Exec(ctx)
		})
		mustWrite(t, s, func(ctx context.Context, tx *ent.Tx) error {
			return tx.Operator.UpdateOneID(ids["operators"]).SetEmail("other@example.com").Exec(ctx)
		})
		wantAltered(t, s, "operators "+ids["operators"])
	})
}

func TestAPasskeyIsBoundToItsPublicKeyAndNotToItsCounter(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		id := granted(t, s)["passkeys"]
		behind(t, s, "UPDATE passkeys SET credential = $1 WHERE id = $2",
			`{"publicKey":"a2V5","authenticator":{"signCount":9}}`, id)
		wantAltered(t, s)
		behind(t, s, "UPDATE passkeys SET credential = $1 WHERE id = $2",
			`{"publicKey":"b3RoZXI=","authenticator":{"signCount":9}}`, id)
		wantAltered(t, s, "passkeys "+id)
	})
}

func TestARowThatWasInsertedBehindTheProgramDoesNotVerify(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		id := granted(t, s)["operators"]
		columns := strings.Join(
			slices.DeleteFunc(columnsOf("operators"), func(c string) bool { return c == "id" || c == "email" }), ", ")
		behind(t, s, "INSERT INTO operators (id, email, "+columns+") SELECT 'opr_forged', 'forged@example.com', "+columns+
			" FROM operators WHERE id = $1", id)
		wantAltered(t, s, "operators opr_forged")
	})
}

func TestARowThatIsNotVouchedForIsLoggedOnceAndCountedEachTime(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := storetest.SQLite(t)
	store.LogTo(s, slog.New(slog.NewTextHandler(&log, nil)))
	id := granted(t, s)["operators"]
	behind(t, s, "UPDATE operators SET role = 'ADMIN' WHERE id = $1", id)
	for _, want := range []struct {
		id      string
		vouches bool
	}{{id, false}, {id, false}} {
		who, err := s.Reader().Operator.Query().Where(operator.ID(want.id)).Only(asSystem(t))
		if err != nil {
			t.Fatal(err)
		}
		if got := store.Vouches(t.Context(), s, who); got != want.vouches {
			t.Errorf("vouches for it: %t", got)
		}
	}
	if got := s.RefusedGrants()["operators"]; got != 2 {
		t.Errorf("counted %d times", got)
	}
	if got := log.String(); strings.Count(got, id) != 1 || !strings.Contains(got, "level=ERROR") ||
		!strings.Contains(got, "table=operators") {
		t.Errorf("logged %s", got)
	}
}

func TestOnlyTheRowsThatTheCallerVouchesForAreAdopted(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ids := granted(t, s)
		behind(t, s, "UPDATE operators SET role = 'ADMIN'")
		mustWrite(t, s, func(ctx context.Context, tx *ent.Tx) error {
			n, err := s.AdoptGrants(ctx, tx, func(row store.Grant) bool { return row.ID == ids["operators"] })
			if n != 1 {
				t.Errorf("adopted %d rows", n)
			}
			return err
		})
		rows, err := s.AlteredGrants(t.Context(), 100)
		if err != nil || len(rows) != 1 || rows[0].ID == ids["operators"] {
			t.Errorf("altered are %v, %v", rows, err)
		}
	})
}

// A trigger of an intruder who had the database for a moment makes each operator an administrator.
func TestARowThatTheDatabaseChangesWhileItIsWrittenIsNotVouchedFor(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ids := granted(t, s)
		triggers := []string{
			"CREATE TRIGGER up AFTER INSERT ON operators BEGIN UPDATE operators SET role = 'ADMIN' WHERE id = NEW.id; END",
			"CREATE TRIGGER on_up AFTER UPDATE OF email ON operators BEGIN UPDATE operators SET role = 'ADMIN' WHERE id = " +
				"NEW.id; END",
		}
		if s.Dialect() == dialect.Postgres {
			triggers = []string{
				"CREATE FUNCTION up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.role := 'ADMIN'; RETURN NEW; END $$",
				"CREATE TRIGGER up BEFORE INSERT OR UPDATE ON operators FOR EACH ROW EXECUTE FUNCTION up()",
			}
		}
		mustWrite(t, s, func(ctx context.Context, _ *ent.Tx) error {
			for _, trigger := range triggers {
				if _, err := store.Exec(ctx, trigger); err != nil {
					return err
				}
			}
			return nil
		})
		var made string
		mustWrite(t, s, func(ctx context.Context, tx *ent.Tx) error {
			who, err := tx.Operator.Create().SetEmail("a@example.com").SetName("A").SetRole(principal.Viewer).
				SetPasswordHash("x").Save(ctx)
			if err != nil {
				return err
			}
			made = who.ID
			if err := tx.Operator.UpdateOneID(ids["operators"]).SetEmail("b@example.com").Exec(ctx); err != nil {
				return err
			}
			others := operator.IDNotIn(ids["operators"], made)
			return tx.Operator.Update().Where(others).SetEmail("c@example.com").Exec(ctx)
		})
		rows, err := s.AlteredGrants(t.Context(), 100)
		if err != nil || len(rows) != 3 {
			t.Errorf("of three operators that were made administrators so, %d are altered: %v", len(rows), err)
		}
	})
}
