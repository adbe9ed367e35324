package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/chaveiro/chaveiro/bench/limit"
	"github.com/chaveiro/chaveiro/bench/load"
)

// The names of the peers.
const (
	mercuriusName  = "Mercurius"
	pocketBaseName = "PocketBase"
)

// peerWorks are the works that peers do.
var peerWorks = []string{readAgain, listClients, addOne}

// sentencesFile has the sentences of the portal's answers.
const sentencesFile = "internal/base/i18n/pt-BR.json"

// addPeers fills a database as that of the limit, and adds the peers, which serve from it. One that does not start is
// skipped.
func (at place) addPeers(ctx context.Context, b *bench, house limit.House, shops []limit.Shop) error {
	key := limit.NewKey()
	file := filepath.Join(at.dir, "peers.db")
	if err := fillLimit(ctx, "sqlite:"+file, key, house, shops); err != nil {
		return err
	}
	sentences, err := filepath.Abs(sentencesFile)
	if err != nil {
		return err
	}
	env := []string{"PEER_DATABASE=" + file, "PEER_SENTENCES=" + sentences, "LIMIT_KEY=" + hex.EncodeToString(key)}
	for _, of := range []struct {
		name string
		make func(ctx context.Context, file, address string, env []string) (*system, error)
	}{{pocketBaseName, at.makePocketBase}, {mercuriusName, at.makeMercurius}} {
		address, err := freeAddress()
		if err != nil {
			return err
		}
		made, err := of.make(ctx, file, address, append(env, "PEER_LISTEN="+address))
		if err == nil {
			made.running, err = made.of.start(ctx)
		}
		if ctx.Err() != nil {
			return errors.Join(err, context.Cause(ctx))
		}
		if err != nil {
			slog.Warn("skipped, as it does not start", "peer", of.name, "err", err)
			b.skipped = append(b.skipped, of.name)
			continue
		}
		made.name, made.peer = of.name, true
		if made.tokens == nil {
			made.tokens = house.Tokens
		}
		b.systems = append(b.systems, made)
	}
	return nil
}

// stopPeers ends the peers that run.
func (b *bench) stopPeers() error {
	var errs []error
	for _, s := range b.systems {
		if s.peer {
			errs = append(errs, s.stop())
		}
	}
	return errors.Join(errs...)
}

// makeMercurius makes a system that is asked the documents of the portal, and serves the file itself.
func (at place) makeMercurius(_ context.Context, file, address string, env []string) (*system, error) {
	folder, err := filepath.Abs(at.Mercurius)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(folder, "node_modules", ".package-lock.json")); err != nil {
		return nil, err
	}
	made := newPortalSystem(program{
		path: "node", args: []string{filepath.Join(folder, "server.mjs")}, env: env, address: address,
		log: filepath.Join(at.dir, "mercurius.log"),
	}, email, operatorSecret)
	made.database = "sqlite:" + file
	return made, nil
}

// makePocketBase copies the file into the collections of PocketBase, and makes a system that is asked over REST.
func (at place) makePocketBase(ctx context.Context, file, address string, env []string) (*system, error) {
	path, err := filepath.Abs(at.PocketBase)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(at.dir, "pocketbase")
	// #nosec G204 -- whoever measures says which program
	fill := exec.CommandContext(ctx, path, "fill", file, "--dir", data)
	fill.Env = env
	var said bytes.Buffer
	fill.Stderr = &said
	token, err := fill.Output()
	if err != nil {
		return nil, fmt.Errorf("fill: %w: %s", err, said.String())
	}
	return &system{
		of: program{
			path: path, args: []string{"serve", "--http", address, "--dir", data}, env: env, address: address,
			log: filepath.Join(at.dir, "pocketbase.log"),
		},
		tokens: []string{strings.TrimSpace(string(token))}, database: "sqlite:" + filepath.Join(data, "data.db"),
		read:         func(key string) []byte { return httpRequest("GET", "/integration", key, nil) },
		list:         listOfPocketBase,
		add:          addToPocketBase,
		wantAdded:    wantAddedToPocketBase,
		wantSameList: wantSameListOfPocketBase,
	}, nil
}

func listOfPocketBase(token, search string) []byte {
	const marketplaces = "expand.marketplaces_via_client."
	return httpRequest("GET", "/api/collections/clients/records?"+url.Values{
		"filter": {"searchText ~ '" + search + "'"}, "sort": {"nameKey,id"}, "perPage": {fmt.Sprint(pageSize)},
		"expand": {"marketplaces_via_client"},
		"fields": {"id,name,tradeName,document," + marketplaces + "id," + marketplaces + "provider," +
			marketplaces + "description," + marketplaces + "healthState," + marketplaces + "healthReason"},
	}.Encode(), token, nil)
}

func addToPocketBase(token string, to limit.Shop, description, secret string) []byte {
	const path = "/api/collections/marketplaces/records?fields=id,provider,description,healthState,healthReason"
	return httpRequest("POST", path, token, object{
		"client": to.ClientID, "provider": "SHOWKASE", "description": description,
		"credentials": object{"token": secret}, "credentialVersion": 1,
		"healthState": "NOT_TESTABLE", "healthReason": "NO_TEST_AVAILABLE",
	})
}

func wantAddedToPocketBase(description string) func(load.Answer) error {
	begin := []byte(`{"description":"` + description +
		`","healthReason":"NO_TEST_AVAILABLE","healthState":"NOT_TESTABLE","id":"mkp_`)
	return func(a load.Answer) error {
		if a.Status != http.StatusOK || !bytes.HasPrefix(a.Body, begin) {
			return errors.New("the marketplace was not added")
		}
		return nil
	}
}

// listed is what a list says of a client, whichever system it comes from. In a list of the portal, products stand
// between a client and its marketplaces.
type listed struct {
	ID, Name, TradeName, Document string
	Marketplaces                  []listedMarketplace
}

type listedMarketplace struct{ ID, Provider, Description, State, Reason string }

// wantSameListOfPocketBase checks that a list of PocketBase has the total, the clients and the marketplaces of the
// portal's.
func wantSameListOfPocketBase(portals, list []byte) error {
	wantTotal, want, err := readListOfPortal(portals)
	total, got, err2 := readListOfPocketBase(list)
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	if total != wantTotal || !reflect.DeepEqual(got, want) {
		return fmt.Errorf("the list is another than %s: %s", portals, list)
	}
	return nil
}

func readListOfPortal(body []byte) (total int, clients []listed, err error) {
	var list struct {
		Data struct {
			Clients struct {
				TotalCount int
				Edges      []struct {
					Node struct {
						listed
						Products []struct {
							Marketplaces []struct {
								listedMarketplace
								Health struct{ State, Reason string }
							}
						}
					}
				}
			}
		}
	}
	err = json.Unmarshal(body, &list)
	for _, edge := range list.Data.Clients.Edges {
		of := edge.Node.listed
		for _, owned := range edge.Node.Products {
			for _, m := range owned.Marketplaces {
				m.State, m.Reason = m.Health.State, m.Health.Reason
				of.Marketplaces = append(of.Marketplaces, m.listedMarketplace)
			}
		}
		clients = append(clients, of)
	}
	return list.Data.Clients.TotalCount, clients, err
}

// readListOfPocketBase sorts the marketplaces, which may come in any order.
func readListOfPocketBase(body []byte) (total int, clients []listed, err error) {
	var list struct {
		TotalItems int
		Items      []struct {
			listed
			Expand struct {
				Marketplaces []struct {
					listedMarketplace
					HealthState, HealthReason string
				} `json:"marketplaces_via_client"`
			}
		}
	}
	err = json.Unmarshal(body, &list)
	for _, item := range list.Items {
		of := item.listed
		for _, m := range item.Expand.Marketplaces {
			m.State, m.Reason = m.HealthState, m.HealthReason
			of.Marketplaces = append(of.Marketplaces, m.listedMarketplace)
		}
		slices.SortFunc(of.Marketplaces, func(a, b listedMarketplace) int { return strings.Compare(a.ID, b.ID) })
		clients = append(clients, of)
	}
	return list.TotalItems, clients, err
}

// printPeers writes the table of the peers, with the portal and the limit among them.
func (b *bench) printPeers(out io.Writer, title string, works []string) error {
	if len(b.systems) == 2 && b.skipped == nil {
		return nil
	}
	var table strings.Builder
	fmt.Fprintf(&table, "\n### Beside other systems: %s\n\n", title)
	table.WriteString("| work | system | throughput, ratio to L (spread) | a second | p50 ms | p99 ms |" +
		" CPU µs an answer | memory MiB |\n|---|---|---|---|---|---|---|---|\n")
	for _, work := range works {
		if !slices.Contains(peerWorks, work) {
			continue
		}
		limit := b.figuresOf(work, limitName)
		for _, s := range b.systems {
			of := b.figuresOf(work, s.name)
			fmt.Fprintf(&table, "| %s | %s | %s | %.0f | %s | %s | %s | %.0f |\n", work, s.name, ratio(of, limit),
				median(of.throughput), of.percentile(50), of.percentile(99), of.cpuOfOne(), median(b.memory[s.name]))
		}
	}
	for _, name := range b.skipped {
		fmt.Fprintf(&table, "\n%s is skipped: it does not start here.\n", name)
	}
	_, err := io.WriteString(out, table.String())
	return err
}
