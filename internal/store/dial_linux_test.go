package store_test

import (
	"net"
	"syscall"
	"testing"

	"github.com/chaveiro/chaveiro/internal/store"
)

func TestTheKernelGivesUpASilentConnection(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	config := store.ConfigOf(t, "postgres://u@"+listener.Addr().String()+"/chaveiro")
	conn, err := config.DialFunc(t.Context(), "tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	raw, err := conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	const tcpUserTimeout = 18
	for _, option := range []struct {
		name               string
		level, option, max int
	}{
		{"TCP_USER_TIMEOUT, in milliseconds", syscall.IPPROTO_TCP, tcpUserTimeout, 10_000},
		{"SO_KEEPALIVE", syscall.SOL_SOCKET, syscall.SO_KEEPALIVE, 1},
		{"TCP_KEEPIDLE, in seconds", syscall.IPPROTO_TCP, syscall.TCP_KEEPIDLE, 10},
		{"TCP_KEEPINTVL, in seconds", syscall.IPPROTO_TCP, syscall.TCP_KEEPINTVL, 5},
		{"TCP_KEEPCNT", syscall.IPPROTO_TCP, syscall.TCP_KEEPCNT, 4},
	} {
		var got int
		err := raw.Control(func(fd uintptr) { got, err = syscall.GetsockoptInt(int(fd), option.level, option.option) })
		if err != nil || got < 1 || got > option.max {
			t.Errorf("%s is %d (%v), want 1 to %d", option.name, got, err, option.max)
		}
	}
	if config.ConnectTimeout <= 0 {
		t.Error("an attempt to connect may last for ever")
	}
}
