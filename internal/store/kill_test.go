package store_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/clientrecord"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// With this variable the test binary runs no tests: it writes to the database that the variable names, until it is
// killed.
const writerVariable = "CHAVEIRO_STORE_TEST_WRITER"

func TestMain(m *testing.M) {
	if url := os.Getenv(writerVariable); url != "" {
		fmt.Fprintln(os.Stderr, writeForever(url))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// writeForever adds a client and its audit event in each transaction, from several goroutines whose transactions are
// committed together. It prints the client's document once the transaction is answered.
func writeForever(url string) error {
	ctx := principal.AsSystem(context.Background(), "test")
	s, err := store.Open(ctx, url, discard)
	if err != nil {
		return err
	}
	s.Keep(storetest.AuditKeys{})
	failed := make(chan error)
	for writer := range 8 {
		go func() {
			for i := 0; ; i++ {
				document := fmt.Sprintf("%d/%d", writer, i)
				err := s.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
					if err := addClient(document)(ctx, tx); err != nil {
						return err
					}
					return tx.AuditEvent.Create().SetActorKind("SYSTEM").SetActorLabel("").SetAddress("").SetRequestID("").
						SetAction("test").Exec(ctx)
				})
				if err != nil {
					failed <- err
					return
				}
				fmt.Println(document)
			}
		}()
	}
	return <-failed
}

func TestAKilledProcessLosesNoAnsweredWriteAndLeavesNoneHalfDone(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, url string) {
		if err := store.Migrate(t.Context(), url, discard); err != nil {
			t.Fatal(err)
		}
		writer := exec.CommandContext(t.Context(), os.Args[0])
		writer.Env = append(os.Environ(), writerVariable+"="+url)
		writer.Stderr = os.Stderr
		out, err := writer.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := writer.Start(); err != nil {
			t.Fatal(err)
		}
		var answered []string
		for lines := bufio.NewScanner(out); lines.Scan(); {
			answered = append(answered, lines.Text())
			if len(answered) == 100 {
				if err := writer.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = writer.Wait() // it was killed

		s, err := store.Open(t.Context(), url, discard)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		found, err := s.Reader().ClientRecord.Query().Where(clientrecord.DocumentIn(answered...)).Count(asSystem(t))
		if err != nil || found != len(answered) || found < 100 {
			t.Errorf("%d of %d answered writes are there (%v)", found, len(answered), err)
		}
		events, err := s.Reader().AuditEvent.Query().Count(asSystem(t))
		if clients := countClients(t, s); err != nil || clients != events {
			t.Errorf("%d clients, %d audit events (%v)", clients, events, err)
		}
	})
}
