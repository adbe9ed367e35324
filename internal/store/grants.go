package store

import (
	"bytes"
	"context"
	"crypto/hmac"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"entgo.io/ent/dialect/sql"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/accesskey"
	"github.com/chaveiro/chaveiro/ent/clientproduct"
	"github.com/chaveiro/chaveiro/ent/clientrecord"
	"github.com/chaveiro/chaveiro/ent/installlink"
	"github.com/chaveiro/chaveiro/ent/installstate"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/ent/onetimetoken"
	"github.com/chaveiro/chaveiro/ent/operator"
	"github.com/chaveiro/chaveiro/ent/passkey"
	"github.com/chaveiro/chaveiro/ent/recoverycode"
	"github.com/chaveiro/chaveiro/ent/refreshtoken"
	"github.com/chaveiro/chaveiro/ent/servicetoken"
	entsession "github.com/chaveiro/chaveiro/ent/session"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/provider"
)

// A row that grants gives access (a key, a token, a password), or names the owner of something (a client's product, a
// connection). It has a MAC over its columns that decide, under a key that is not in the database. A person who can
// write the database but lacks the keyset cannot make a row that gives access. The store makes the MAC with each change
// of such a row, and code that is about to give access calls Vouches.
//
// A row that was changed behind the program has no valid MAC, whatever the program changes of it afterwards. Only
// AdoptGrants, called for a person, makes a new one. One attack is not found: a whole row restored to an earlier state,
// as its MAC is valid.

// Keys make the keyed hashes for the rows of the store.
type Keys interface {
	// MAC returns a keyed hash of data (32 bytes), by a key of its own for each purpose.
	MAC(purpose string, data []byte) []byte
}

// Keep sets the keys for the rows that grant. It is called before the first Write of one.
func (s *Store) Keep(keys Keys) { s.grants.keys = keys }

// Keys are the keys of Keep; nil before it.
func (s *Store) Keys() Keys { return s.grants.keys }

// grants is what a Store knows of the rows that grant.
type grants struct {
	keys    Keys
	refused [len(granting)]atomic.Int64
	mu      sync.Mutex
	logged  map[string]time.Time // by row
}

const (
	// logGrantEvery is how often a row that does not verify is logged.
	logGrantEvery = time.Hour
	// maxLoggedGrants caps the rows that are logged in that time.
	maxLoggedGrants = 100
	// grantBatch is how many rows are read at a time.
	grantBatch = 500
)

// Grant is a row that grants: its authenticated content, and its MAC.
type Grant struct {
	// Table and ID say which row it is.
	Table, ID string
	content   []byte
	mac       []byte
	row       any
}

// kind is one table of rows that grant.
type kind struct {
	table string
	row   reflect.Type // ent's type of the row
	// decides are the columns that the MAC covers: a change of one makes the MAC anew.
	decides []string
	// since is the first version of the keyset in which each row of the table has a MAC.
	since int
	read  func(context.Context, *ent.Client, func(*sql.Selector)) ([]Grant, error)
}

// granting are the tables of the rows that grant.
var granting = [...]kind{
	{accesskey.Table, reflect.TypeFor[ent.AccessKey](), []string{
		accesskey.FieldVisiblePart, accesskey.FieldHash, accesskey.FieldClientID, accesskey.FieldClientProductID,
		accesskey.FieldAddresses, accesskey.FieldExpiresAt, accesskey.FieldOverlapEndsAt, accesskey.FieldRevokedAt,
	}, seal.CoversDoors, func(ctx context.Context, db *ent.Client, pick func(*sql.Selector)) ([]Grant, error) {
		return grantsOf(db.AccessKey.Query().Where(pick).All(ctx))
	}},
	{servicetoken.Table, reflect.TypeFor[ent.ServiceToken](), []string{
		servicetoken.FieldVisiblePart, servicetoken.FieldHash, servicetoken.FieldRole, servicetoken.FieldScopes,
		servicetoken.FieldAddresses, servicetoken.FieldCreatedByID, servicetoken.FieldExpiresAt, servicetoken.FieldRevokedAt,
	}, seal.CoversDoors, func(ctx context.Context, db *ent.Client, pick func(*sql.Selector)) ([]Grant, error) {
		return grantsOf(db.ServiceToken.Query().Where(pick).All(ctx))
	}},
	{operator.Table, reflect.TypeFor[ent.Operator](), []string{
		operator.FieldEmail, operator.FieldRole, operator.FieldPasswordHash, operator.FieldDisabledAt,
		operator.FieldSecondFactor, operator.FieldTotpSince,
	}, seal.CoversDoors, func(ctx context.Context, db *ent.Client, pick func(*sql.Selector)) ([]Grant, error) {
		return grantsOf(db.Operator.Query().Where(pick).All(ctx))
	}},
	// The public key, which is in the credential, never changes. The counter beside it changes with each use, and grants
	// nothing.
	{passkey.Table, reflect.TypeFor[ent.Passkey](), []string{
		passkey.FieldOperatorID, passkey.FieldCredentialID,
	}, seal.CoversDoors, func(ctx context.Context, db *ent.Client, pick func(*sql.Selector)) ([]Grant, error) {
		return grantsOf(db.Passkey.Query().Where(pick).All(ctx))
	}},
	{recoverycode.Table, reflect.TypeFor[ent.RecoveryCode](), []string{
		recoverycode.FieldOperatorID, recoverycode.FieldHash, recoverycode.FieldUsedAt,
	}, seal.CoversDoors, func(ctx context.Context, db *ent.Client, pick func(*sql.Selector)) ([]Grant, error) {
		return grantsOf(db.RecoveryCode.Query().Where(pick).All(ctx))
	}},
	{entsession.Table, reflect.TypeFor[ent.Session](), []string{
		entsession.FieldOperatorID, entsession.FieldAuthenticatedAt, entsession.FieldMethods, entsession.FieldExpiresAt,
		entsession.FieldMovedAt, entsession.FieldEndedAt, entsession.FieldLastUsedAt, entsession.FieldUserAgentHash,
		entsession.FieldAddress, entsession.FieldLastAddress, entsession.FieldLastAgentHash,
	}, seal.CoversDoors, func(ctx context.Context, db *ent.Client, pick func(*sql.Selector)) ([]Grant, error) {
		return grantsOf(db.Session.Query().Where(pick).All(ctx))
	}},
	{refreshtoken.Table, reflect.TypeFor[ent.RefreshToken](), []string{
		refreshtoken.FieldSessionID, refreshtoken.FieldHash, refreshtoken.FieldUsedAt,
	}, seal.CoversDoors, func(ctx context.Context, db *ent.Client, pick func(*sql.Selector)) ([]Grant, error) {
		return grantsOf(db.RefreshToken.Query().Where(pick).All(ctx))
	}},
	{onetimetoken.Table, reflect.TypeFor[ent.OneTimeToken](), []string{
		onetimetoken.FieldPurpose, onetimetoken.FieldHash, onetimetoken.FieldOperatorID, onetimetoken.FieldExpiresAt,
		onetimetoken.FieldUsedAt, onetimetoken.FieldTries,
	}, seal.CoversDoors, func(ctx context.Context, db *ent.Client, pick func(*sql.Selector)) ([]Grant, error) {
		return grantsOf(db.OneTimeToken.Query().Where(pick).All(ctx))
	}},
	{installlink.Table, reflect.TypeFor[ent.InstallLink](), []string{
		installlink.FieldMarketplaceID, installlink.FieldHash, installlink.FieldExpiresAt, installlink.FieldUsedAt,
		installlink.FieldRevokedAt,
	}, seal.CoversDoors, func(ctx context.Context, db *ent.Client, pick func(*sql.Selector)) ([]Grant, error) {
		return grantsOf(db.InstallLink.Query().Where(pick).All(ctx))
	}},
	{installstate.Table, reflect.TypeFor[ent.InstallState](), []string{
		installstate.FieldMarketplaceID, installstate.FieldHash, installstate.FieldBrowserHash, installstate.FieldLinkID,
		installstate.FieldOperatorID, installstate.FieldExpiresAt, installstate.FieldSpentAt,
	}, seal.CoversDoors, func(ctx context.Context, db *ent.Client, pick func(*sql.Selector)) ([]Grant, error) {
		return grantsOf(db.InstallState.Query().Where(pick).All(ctx))
	}},
	{clientrecord.Table, reflect.TypeFor[ent.ClientRecord](), []string{
		clientrecord.FieldDocument,
	}, seal.CoversShops, func(ctx context.Context, db *ent.Client, pick func(*sql.Selector)) ([]Grant, error) {
		return grantsOf(db.ClientRecord.Query().Where(pick).All(ctx))
	}},
	{clientproduct.Table, reflect.TypeFor[ent.ClientProduct](), []string{
		clientproduct.FieldClientID, clientproduct.FieldProductID,
	}, seal.CoversOwners, func(ctx context.Context, db *ent.Client, pick func(*sql.Selector)) ([]Grant, error) {
		return grantsOf(db.ClientProduct.Query().Where(pick).All(ctx))
	}},
	{marketplace.Table, reflect.TypeFor[ent.Marketplace](), []string{
		marketplace.FieldClientID, marketplace.FieldClientProductID, marketplace.FieldProvider,
		marketplace.FieldExternalAccount,
		marketplace.FieldAccountDocument, marketplace.FieldConfirmedDocument, marketplace.FieldHealthReason,
	}, seal.CoversShops, func(ctx context.Context, db *ent.Client, pick func(*sql.Selector)) ([]Grant, error) {
		return grantsOf(db.Marketplace.Query().Where(pick).All(ctx))
	}},
}

// Granting is a row of one of the tables that grant.
type Granting interface {
	*ent.AccessKey | *ent.ServiceToken | *ent.Operator | *ent.Passkey | *ent.RecoveryCode | *ent.Session |
		*ent.RefreshToken | *ent.OneTimeToken | *ent.InstallLink | *ent.InstallState |
		*ent.ClientRecord | *ent.ClientProduct | *ent.Marketplace
}

// grantOf returns the grant of a row, which is a Granting. Its content has each of the columns that decide.
func grantOf(row any) Grant {
	for _, of := range []func(any) (Grant, bool){grantOfOperator, grantOfShop} {
		if grant, ok := of(row); ok {
			return grant
		}
	}
	panic(fmt.Sprintf("store: %T grants nothing", row))
}

// grantOfOperator returns the grant of a row that belongs to an operator, a person or a service token; false for other
// rows.
func grantOfOperator(row any) (Grant, bool) {
	var c content
	switch r := row.(type) {
	case *ent.ServiceToken:
		c.text(r.VisiblePart, string(r.Role), string(r.Scopes), r.CreatedByID)
		c.bytes(r.Hash)
		c.networks(r.Addresses)
		c.times(&r.ExpiresAt, r.RevokedAt)
		return Grant{Table: servicetoken.Table, ID: r.ID, content: c.of(r.ID), mac: r.MAC}, true
	case *ent.Operator:
		c.text(r.Email, string(r.Role), r.PasswordHash)
		c.flag(r.SecondFactor)
		c.times(r.DisabledAt, r.TotpSince)
		return Grant{Table: operator.Table, ID: r.ID, content: c.of(r.ID), mac: r.MAC}, true
	case *ent.Passkey:
		c.text(r.OperatorID)
		c.bytes(r.CredentialID)
		c.bytes(publicKeyOf(r.Credential))
		return Grant{Table: passkey.Table, ID: r.ID, content: c.of(r.ID), mac: r.MAC}, true
	case *ent.RecoveryCode:
		c.text(r.OperatorID)
		c.bytes(r.Hash)
		c.times(r.UsedAt)
		return Grant{Table: recoverycode.Table, ID: r.ID, content: c.of(r.ID), mac: r.MAC}, true
	case *ent.Session:
		c.text(r.OperatorID, r.Methods, r.Address)
		c.times(&r.AuthenticatedAt, &r.ExpiresAt, r.MovedAt, r.EndedAt, &r.LastUsedAt)
		c.bytes(r.UserAgentHash)
		c.bytes(r.LastAgentHash)
		c.optional(r.LastAddress)
		return Grant{Table: entsession.Table, ID: r.ID, content: c.of(r.ID), mac: r.MAC}, true
	case *ent.RefreshToken:
		c.text(r.SessionID)
		c.bytes(r.Hash)
		c.times(r.UsedAt)
		return Grant{Table: refreshtoken.Table, ID: r.ID, content: c.of(r.ID), mac: r.MAC}, true
	case *ent.OneTimeToken:
		c.text(r.Purpose)
		c.bytes(r.Hash)
		c.optional(r.OperatorID)
		c.text(strconv.Itoa(r.Tries))
		c.times(&r.ExpiresAt, r.UsedAt)
		return Grant{Table: onetimetoken.Table, ID: r.ID, content: c.of(r.ID), mac: r.MAC}, true
	}
	return Grant{}, false
}

// grantOfShop returns the grant of a row that belongs to a shop, its back-office or its merchant; false for other rows.
func grantOfShop(row any) (Grant, bool) {
	var c content
	switch r := row.(type) {
	case *ent.AccessKey:
		c.text(r.VisiblePart, r.ClientID, r.ClientProductID)
		c.bytes(r.Hash)
		c.networks(r.Addresses)
		c.times(r.ExpiresAt, r.OverlapEndsAt, r.RevokedAt)
		return Grant{Table: accesskey.Table, ID: r.ID, content: c.of(r.ID), mac: r.MAC}, true
	case *ent.InstallLink:
		c.text(r.MarketplaceID)
		c.bytes(r.Hash)
		c.times(&r.ExpiresAt, r.UsedAt, r.RevokedAt)
		return Grant{Table: installlink.Table, ID: r.ID, content: c.of(r.ID), mac: r.MAC}, true
	case *ent.InstallState:
		c.text(r.MarketplaceID)
		c.bytes(r.Hash)
		c.bytes(r.BrowserHash)
		c.optional(r.LinkID)
		c.optional(r.OperatorID)
		c.times(&r.ExpiresAt, r.SpentAt)
		return Grant{Table: installstate.Table, ID: r.ID, content: c.of(r.ID), mac: r.MAC}, true
	case *ent.ClientRecord:
		c.text(r.Document)
		return Grant{Table: clientrecord.Table, ID: r.ID, content: c.of(r.ID), mac: r.MAC}, true
	case *ent.ClientProduct:
		c.text(r.ClientID, r.ProductID)
		return Grant{Table: clientproduct.Table, ID: r.ID, content: c.of(r.ID), mac: r.MAC}, true
	case *ent.Marketplace:
		c.text(r.ClientID, r.ClientProductID, r.Provider)
		c.optional(r.ExternalAccount)
		c.optional(r.AccountDocument)
		c.optional(r.ConfirmedDocument)
		c.flag(r.HealthReason == string(provider.WrongShop)) // in that state the API withholds the credentials
		return Grant{Table: marketplace.Table, ID: r.ID, content: c.of(r.ID), mac: r.MAC}, true
	}
	return Grant{}, false
}

func grantsOf[R Granting](rows []R, err error) ([]Grant, error) {
	grants := make([]Grant, len(rows))
	for i, row := range rows {
		grants[i] = grantOf(row)
		grants[i].row = row
	}
	return grants, err
}

// publicKeyOf returns the public key of a passkey as it is stored. The counter beside it changes with each use.
func publicKeyOf(credential json.RawMessage) []byte {
	var has struct {
		PublicKey []byte `json:"publicKey"`
	}
	_ = json.Unmarshal(credential, &has) // an unreadable credential has no public key, and so gives no access
	return has.PublicKey
}

// content is what a row grants. Each part follows its length, so that no two rows have the same content.
type content []byte

func (c *content) bytes(b []byte) {
	*c = binary.BigEndian.AppendUint32(*c, uint32(len(b))) // #nosec G115 -- a column has a bound
	*c = append(*c, b...)
}

func (c *content) text(texts ...string) {
	for _, t := range texts {
		*c = binary.BigEndian.AppendUint32(*c, uint32(len(t))) // #nosec G115 -- a column has a bound
		*c = append(*c, t...)
	}
}

func (c *content) flag(is bool) {
	if *c = append(*c, 0); is {
		(*c)[len(*c)-1] = 1
	}
}

func (c *content) optional(text *string) {
	if c.flag(text != nil); text != nil {
		c.text(*text)
	}
}

// times writes instants to the microsecond, the precision of both databases.
func (c *content) times(times ...*time.Time) {
	for _, t := range times {
		if c.flag(t != nil); t != nil {
			*c = binary.BigEndian.AppendUint64(*c, uint64(t.UnixMicro())) // #nosec G115 -- the bits are what counts
		}
	}
}

func (c *content) networks(networks []netip.Prefix) {
	c.flag(networks != nil)
	*c = binary.BigEndian.AppendUint32(*c, uint32(len(networks))) // #nosec G115 -- at most 20
	for _, n := range networks {
		c.text(n.String())
	}
}

// of ends the content with the id of its row.
func (c *content) of(id string) []byte {
	c.text(id)
	return *c
}

func (g *grants) mac(of Grant) []byte { return g.keys.MAC("grant "+of.Table, of.content) }

func (g *grants) verifies(row Grant) bool { return g.keys != nil && hmac.Equal(g.mac(row), row.mac) }

// Verifies reports whether a row grants what this program made it grant. It is for callers that only show the row.
func Verifies[R Granting](s *Store, row R) bool { return s.grants.verifies(grantOf(row)) }

// Vouches reports whether a row grants what this program made it grant. A row that does not is logged and counted, and
// must give no access.
func Vouches[R Granting](ctx context.Context, s *Store, row R) bool {
	g := grantOf(row)
	if s.grants.verifies(g) {
		return true
	}
	s.grants.refused[kindOf(g.Table)].Add(1)
	if s.grants.mayLog(g, time.Now()) {
		s.log.ErrorContext(ctx, "a row was changed behind the program and gives no access: see chaveiro doctor",
			"table", g.Table, "id", g.ID)
	}
	return false
}

// VouchesWithin is Vouches for a function that has the context of a Write and no Store. It panics outside Write.
func VouchesWithin[R Granting](ctx context.Context, row R) bool {
	t, ok := transactionOf(ctx)
	if !ok {
		panic("store: VouchesWithin outside Write")
	}
	return Vouches(ctx, t.store, row)
}

// mayLog reports whether a row that does not verify may be logged: one row must not fill the log.
func (g *grants) mayLog(row Grant, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for id, at := range g.logged {
		if now.Sub(at) >= logGrantEvery {
			delete(g.logged, id)
		}
	}
	id := row.Table + " " + row.ID
	if _, lately := g.logged[id]; lately || len(g.logged) >= maxLoggedGrants {
		return false
	}
	if g.logged == nil {
		g.logged = map[string]time.Time{}
	}
	g.logged[id] = now
	return true
}

func kindOf(table string) int {
	return slices.IndexFunc(granting[:], func(k kind) bool { return k.table == table })
}

// RefusedGrants returns how often a row gave no access because it does not verify, by table.
func (s *Store) RefusedGrants() map[string]int64 {
	refused := make(map[string]int64, len(granting))
	for i, k := range granting {
		refused[k.table] = s.grants.refused[i].Load()
	}
	return refused
}

// Since returns the first version of the keyset in which each row of the table has a MAC.
func (g Grant) Since() int { return granting[kindOf(g.Table)].since }

// change is a mutation of ent, with the methods that all of them have.
type change interface {
	ent.Mutation
	ID() (string, bool)
	IDs(context.Context) ([]string, error)
	Client() *ent.Client
}

// keepMACs is the hook of the client that writes. It gives each row that a mutation makes or changes the MAC of its new
// content, in the same statement. A row that did not verify before keeps its invalid MAC.
//
// The MAC covers what the program sends, not what the database makes of it. A row that a foreign trigger changes does
// not verify.
func (s *Store) keepMACs(next ent.Mutator) ent.Mutator {
	return ent.MutateFunc(func(ctx context.Context, m ent.Mutation) (ent.Value, error) {
		at, ok := m.(change)
		if !ok {
			return next.Mutate(ctx, m)
		}
		i := slices.IndexFunc(granting[:], func(k kind) bool { return k.isChangedBy(m) })
		if i < 0 {
			return next.Mutate(ctx, m)
		}
		if s.grants.keys == nil {
			return nil, errors.New("store: a row that grants is written without keys: see Keep")
		}
		switch k := granting[i]; {
		case m.Op().Is(ent.OpCreate):
			row := reflect.New(k.row).Interface()
			setFields(row, m)
			id, _ := at.ID()
			reflect.ValueOf(row).Elem().FieldByName("ID").SetString(id)
			if err := m.SetField("mac", s.grants.mac(grantOf(row))); err != nil {
				return nil, err
			}
			return next.Mutate(ctx, m)
		case m.Op().Is(ent.OpUpdateOne):
			rows, err := s.rowsThatVerify(ctx, at, k)
			if err != nil {
				return nil, err
			}
			for _, row := range rows { // one, or none
				if err := m.SetField("mac", s.grants.mac(grantAfter(row, m))); err != nil {
					return nil, err
				}
			}
			return next.Mutate(ctx, m)
		default:
			return s.changeMany(ctx, at, k, next)
		}
	})
}

// changeMany changes the rows that a mutation picks, each of which has a MAC of its own. A row gets a new MAC if it
// verified before and now is what the mutation makes of it.
func (s *Store) changeMany(ctx context.Context, m change, k kind, next ent.Mutator) (ent.Value, error) {
	before, err := s.rowsThatVerify(ctx, m, k)
	if err != nil {
		return nil, err
	}
	n, err := next.Mutate(ctx, m)
	if err != nil {
		return n, err
	}
	want := make(map[string]Grant, len(before))
	ids := make([]string, len(before))
	for i, row := range before {
		want[row.ID], ids[i] = grantAfter(row, m), row.ID
	}
	return n, k.readByIDs(ctx, m.Client(), ids, false, func(row Grant) error {
		if !bytes.Equal(row.content, want[row.ID].content) { // the mutation no longer picked it
			return nil
		}
		return s.grants.store(ctx, row)
	})
}

// grantAfter returns what a row grants once a mutation has changed it.
func grantAfter(old Grant, m ent.Mutation) Grant {
	row := reflect.New(reflect.TypeOf(old.row).Elem())
	row.Elem().Set(reflect.ValueOf(old.row).Elem())
	setFields(row.Interface(), m)
	return grantOf(row.Interface())
}

// setFields changes a row, which is a Granting, as a mutation of its type will.
func setFields(row any, m ent.Mutation) {
	to := reflect.ValueOf(row).Elem()
	at := FieldsOf(to.Type())
	for _, column := range m.ClearedFields() {
		to.Field(at[column]).SetZero()
	}
	for _, column := range m.Fields() {
		set, _ := m.Field(column)
		field, value := to.Field(at[column]), reflect.ValueOf(set)
		if field.Kind() == reflect.Pointer && value.Kind() != reflect.Pointer {
			field.Set(reflect.New(value.Type()))
			field = field.Elem()
		}
		field.Set(value)
	}
	for _, column := range m.AddedFields() {
		by, _ := m.AddedField(column)
		to.Field(at[column]).SetInt(to.Field(at[column]).Int() + reflect.ValueOf(by).Int())
	}
}

// columnFields has the fields of the types of rows that FieldsOf was asked for.
var columnFields sync.Map

// FieldsOf returns the index of the field of each column in ent's type of a row. It must not be changed.
func FieldsOf(row reflect.Type) map[string]int {
	if known, ok := columnFields.Load(row); ok {
		return known.(map[string]int)
	}
	found := map[string]int{}
	for field := range row.Fields() {
		found[strings.ToLower(betweenWords.ReplaceAllString(field.Name, "${1}_${2}"))] = field.Index[0]
	}
	columnFields.Store(row, found)
	return found
}

var betweenWords = regexp.MustCompile(`([a-z])([A-Z])`)

// isChangedBy reports whether a mutation makes a row of the kind or changes what one grants.
func (k kind) isChangedBy(m ent.Mutation) bool {
	if k.row.Name() != m.Type() || m.Op().Is(ent.OpDelete|ent.OpDeleteOne) {
		return false
	}
	if m.Op().Is(ent.OpCreate) {
		return true
	}
	return slices.ContainsFunc(slices.Concat(m.Fields(), m.AddedFields(), m.ClearedFields()), func(column string) bool {
		return slices.Contains(k.decides, column)
	})
}

// rowsThatVerify returns the rows that a mutation is about to change and that verify, and locks them until the
// transaction ends.
func (s *Store) rowsThatVerify(ctx context.Context, m change, k kind) (good []Grant, err error) {
	ids, err := m.IDs(principal.AsSystem(ctx, "grants"))
	if err != nil {
		return nil, fmt.Errorf("find the rows of %s: %w", k.table, err)
	}
	return good, k.readByIDs(ctx, m.Client(), ids, true, func(row Grant) error {
		if s.grants.verifies(row) {
			good = append(good, row)
		}
		return nil
	})
}

// readByIDs calls fn with each existing row of ids. With lock it locks the rows until the transaction ends.
func (k kind) readByIDs(ctx context.Context, db *ent.Client, ids []string, lock bool, fn func(Grant) error) error {
	for some := range slices.Chunk(ids, grantBatch) {
		rows, err := k.read(principal.AsSystem(ctx, "grants"), db, func(q *sql.Selector) {
			if byIDs(q, some); lock {
				ForUpdate(q)
			}
		})
		if err != nil {
			return fmt.Errorf("read what %s grant: %w", k.table, err)
		}
		for _, row := range rows {
			if err := fn(row); err != nil {
				return err
			}
		}
	}
	return nil
}

// store stores the MAC of a row.
func (g *grants) store(ctx context.Context, row Grant) error {
	if _, err := Exec(ctx, "UPDATE "+row.Table+" SET mac = $1 WHERE id = $2", g.mac(row), row.ID); err != nil {
		return fmt.Errorf("authenticate a row of %s: %w", row.Table, err)
	}
	return nil
}

func byIDs(q *sql.Selector, ids []string) {
	values := make([]any, len(ids))
	for i, id := range ids {
		values[i] = id
	}
	q.Where(sql.In(q.C("id"), values...)).OrderBy(q.C("id"))
}

// eachGrant calls fn with each row that grants, table by table.
func eachGrant(ctx context.Context, db *ent.Client, fn func(Grant) error) error {
	ctx = principal.AsSystem(ctx, "grants")
	for _, k := range granting {
		for after := ""; ; {
			rows, err := k.read(ctx, db, func(q *sql.Selector) {
				q.Where(sql.GT(q.C("id"), after)).OrderBy(q.C("id")).Limit(grantBatch)
			})
			if err != nil {
				return fmt.Errorf("read what %s grant: %w", k.table, err)
			}
			for _, row := range rows {
				if err := fn(row); err != nil {
					return err
				}
			}
			if len(rows) < grantBatch {
				break
			}
			after = rows[len(rows)-1].ID
		}
	}
	return nil
}

// AlteredGrants returns the rows that grant and do not verify, at most limit of them.
func (s *Store) AlteredGrants(ctx context.Context, limit int) ([]Grant, error) {
	var altered []Grant
	enough := errors.New("enough")
	err := eachGrant(ctx, s.Reader(), func(row Grant) error {
		if !s.grants.verifies(row) {
			altered = append(altered, row)
		}
		if len(altered) == limit {
			return enough
		}
		return nil
	})
	if err != nil && !errors.Is(err, enough) {
		return nil, err
	}
	return altered, nil
}

// AdoptGrants makes new MACs for the rows that grant, do not verify, and for which adopts returns true. The rows stay
// as they are now. It returns their number. The caller vouches for them. It is called inside Write.
func (s *Store) AdoptGrants(ctx context.Context, tx *ent.Tx, adopts func(Grant) bool) (adopted int, err error) {
	err = eachGrant(ctx, tx.Client(), func(row Grant) error {
		if s.grants.verifies(row) || !adopts(row) {
			return nil
		}
		adopted++
		return s.grants.store(ctx, row)
	})
	return adopted, err
}
