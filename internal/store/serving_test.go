package store_test

import (
	"path/filepath"
	"sync"
	"testing"

	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/store"
)

func TestALookForTheServerKeepsNoServerFromStarting(t *testing.T) {
	t.Parallel()
	url := "sqlite:" + filepath.Join(t.TempDir(), "test.db")
	release, err := store.Serve(url) // makes the file of the lock
	must.Do(t, err)
	if by, err := store.ServedBy(url); err != nil || by == "" {
		t.Errorf("served by %q (%v)", by, err)
	}
	if _, err := store.Serve(url); !contains(err, "is served already") {
		t.Errorf("a second server: %v", err)
	}
	release()

	stop := make(chan struct{})
	var begun, looks sync.WaitGroup
	begun.Add(4)
	for range 4 {
		looks.Go(func() {
			begun.Done()
			for {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := store.ServedBy(url); err != nil {
					t.Errorf("a look: %v", err)
					return
				}
			}
		})
	}
	begun.Wait()
	for range 500 {
		release, err := store.Serve(url)
		if err != nil {
			t.Errorf("it was not let in: %v", err)
			break
		}
		release()
	}
	close(stop)
	looks.Wait()
}

func TestTwoWhoLookForAServerDoNotTakeEachOtherForOne(t *testing.T) {
	t.Parallel()
	url := "sqlite:" + filepath.Join(t.TempDir(), "test.db")
	release, err := store.Serve(url)
	must.Do(t, err)
	release()
	var looks sync.WaitGroup
	for range 4 {
		looks.Go(func() {
			for range 5000 {
				if by, err := store.ServedBy(url); err != nil || by != "" {
					t.Errorf("served %s (%v), and nobody serves", by, err)
					return
				}
			}
		})
	}
	looks.Wait()
}
