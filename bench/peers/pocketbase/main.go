// Command pocketbase is the visible work of the portal as a user of PocketBase would write it: collections, REST for
// operators, and one route of its own for back-offices. `fill FILE` takes the data from the file that bench fills.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cobra"
)

func main() {
	app := pocketbase.NewWithConfig(pocketbase.Config{HideStartBanner: true, DBConnect: connect})
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		e.InstallerFunc = nil // it opens a browser where there is no superuser
		text, err := os.ReadFile(os.Getenv("PEER_SENTENCES"))
		if err != nil {
			return err
		}
		var sentences map[string]string
		if err := json.Unmarshal(text, &sentences); err != nil {
			return err
		}
		e.Router.GET("/readyz", func(e *core.RequestEvent) error { return e.NoContent(http.StatusOK) })
		e.Router.GET("/integration", func(e *core.RequestEvent) error { return readIntegration(e, sentences) })
		return e.Next()
	})
	app.OnRecordCreateRequest("marketplaces").BindFunc(raiseRevision)
	app.RootCmd.AddCommand(&cobra.Command{
		Use: "fill FILE", Args: cobra.ExactArgs(1), SilenceUsage: true,
		RunE: func(_ *cobra.Command, args []string) error { return fill(app, args[0]) },
	})
	if err := app.Start(); err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
}

// connect opens a database as PocketBase does, but for the durability, which is FULL as that of the portal.
func connect(path string) (*dbx.DB, error) {
	return dbx.Open("sqlite", path+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)"+
		"&_pragma=journal_size_limit(200000000)&_pragma=synchronous(FULL)&_pragma=foreign_keys(ON)"+
		"&_pragma=temp_store(MEMORY)&_pragma=cache_size(-32000)")
}

type client struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Document string `json:"document"`
}

type accessKey struct {
	ID            string  `json:"id"`
	Name          string  `json:"name"`
	ExpiresAt     *string `json:"expiresAt"`
	OverlapEndsAt *string `json:"overlapEndsAt"`
}

type health struct {
	State   string `json:"state"`
	Reason  string `json:"reason"`
	Message string `json:"message"`
	Since   string `json:"since"`
}

type marketplace struct {
	ID                string `json:"id"`
	Provider          string `json:"provider"`
	Description       string `json:"description"`
	Health            health `json:"health"`
	CredentialVersion int    `json:"credentialVersion"`
	Credentials       any    `json:"credentials"`
}

type integration struct {
	Client       client        `json:"client"`
	AccessKey    accessKey     `json:"accessKey"`
	Revision     string        `json:"revision"`
	Marketplaces []marketplace `json:"marketplaces"`
}

// readIntegration answers a back-office, whose key is known by its hash.
func readIntegration(e *core.RequestEvent, sentences map[string]string) error {
	sum := sha256.Sum256([]byte(strings.TrimPrefix(e.Request.Header.Get("Authorization"), "Bearer ")))
	key, err := e.App.FindFirstRecordByFilter("keys", "hash = {:hash} && revokedAt = ''",
		dbx.Params{"hash": hex.EncodeToString(sum[:])})
	if err != nil {
		return e.UnauthorizedError("", err)
	}
	if errs := e.App.ExpandRecord(key, []string{"client.marketplaces_via_client"}, nil); len(errs) > 0 {
		return e.InternalServerError("", errs["client.marketplaces_via_client"])
	}
	of := key.ExpandedOne("client")
	answer := integration{
		Client: client{of.Id, of.GetString("name"), of.GetString("document")},
		AccessKey: accessKey{
			key.Id, key.GetString("name"), orNull(key.GetString("expiresAt")), orNull(key.GetString("overlapEndsAt")),
		},
		Revision: of.GetString("revision"),
	}
	for _, m := range of.ExpandedAll("marketplaces_via_client") {
		reason := m.GetString("healthReason")
		message, ok := sentences["health.erp."+reason]
		if !ok {
			message = sentences["health."+reason]
		}
		answer.Marketplaces = append(answer.Marketplaces, marketplace{
			m.Id, m.GetString("provider"), m.GetString("description"),
			health{m.GetString("healthState"), reason, message, m.GetString("healthSince")},
			m.GetInt("credentialVersion"), m.Get("credentials"),
		})
	}
	slices.SortFunc(answer.Marketplaces, func(a, b marketplace) int { return strings.Compare(a.ID, b.ID) })
	return e.JSON(http.StatusOK, map[string]any{"data": map[string]any{"integration": answer}})
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// raiseRevision saves a new marketplace and raises the revision of its client, in one transaction.
func raiseRevision(e *core.RecordRequestEvent) error {
	app := e.App
	defer func() { e.App = app }()
	return app.RunInTransaction(func(tx core.App) error {
		e.App = tx
		if err := e.Next(); err != nil {
			return err
		}
		_, err := tx.DB().NewQuery("UPDATE clients SET revision = revision + 1 WHERE id = {:id}").
			Bind(dbx.Params{"id": e.Record.GetString("client")}).Execute()
		return err
	})
}
