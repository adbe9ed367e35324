package spool

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// smallDisk is a file system of about 1.2 MB of its own, where the test may mount one.
func smallDisk(t *testing.T) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root mounts a file system of its own")
	}
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1200k"); err != nil {
		t.Skipf("a file system cannot be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill writes until the disk is full.
func fill(t *testing.T, dir string) {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	if !isFull(err) {
		t.Fatalf("the disk is not full: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestOnAFullDiskAnAnswerTakesTheRoomThatWasKeptForIt(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.dir = smallDisk(t)
	s := p.start(t)
	fill(t, p.dir)
	s.Stop()
	if s.Save(answer, away, nil) {
		t.Error("it says that it is saved")
	}
	if files := p.files(t); len(files) != 1 {
		t.Fatalf("files: %v", files)
	}
	fill(t, p.dir)
	if got := taken(t, p.start(t), "renewal"); len(got) != 1 || string(got[0].Plain) != secret {
		t.Errorf("a start on the full disk takes up %d answers", len(got))
	}
}

func TestAStartOnAFullDiskKeepsNoRoomAndSaysSo(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.dir = smallDisk(t)
	if err := os.Mkdir(filepath.Join(p.dir, folder), 0o700); err != nil {
		t.Fatal(err)
	}
	fill(t, p.dir)
	p.start(t)
	if p.log.String() == "" {
		t.Error("the log says nothing")
	}
	s := p.start(t)
	if err := os.Remove(filepath.Join(s.dir, reserve)); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	if err := s.Keep(answer); err == nil || !isFull(err) {
		t.Errorf("without any room the answer is kept: %v", err)
	}
	if files := p.files(t); len(files) > 0 {
		t.Errorf("half an answer is left: %v", files)
	}
}
