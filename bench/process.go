package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Times of a process that is measured.
const (
	startTime = time.Minute
	stopTime  = time.Minute
	// A program has settled when it needs no more than a tick in a step.
	settleTime = time.Minute
	settleStep = 200 * time.Millisecond
	// tick is the unit of time in /proc/PID/stat, which Linux promises to programs.
	tick = 10 * time.Millisecond
)

// program is a server that can be started: the portal, or the limit.
type program struct {
	path    string
	args    []string
	env     []string
	address string
	log     string
}

// process is a program that runs.
type process struct {
	program
	command *exec.Cmd
	// took is the time from the start to the first answer.
	took time.Duration
}

// start starts a program and waits until it serves.
func (p program) start(ctx context.Context) (*process, error) {
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()         // the program has its own
	command := exec.Command(p.path, p.args...) // #nosec G204 -- whoever measures says which program
	command.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Dir(p.log)}, p.env...)
	command.Stdout, command.Stderr = log, log
	began := time.Now()
	if err := command.Start(); err != nil {
		return nil, err
	}
	started := &process{program: p, command: command}
	for ctx.Err() == nil && time.Since(began) < startTime {
		if p.serves() {
			started.took = time.Since(began)
			return started, nil
		}
		time.Sleep(time.Millisecond)
	}
	said, _ := os.ReadFile(p.log) // what can be read of it
	return nil, errors.Join(started.stop(), context.Cause(ctx), fmt.Errorf("%s does not serve:\n%s", p.path, said))
}

func (p program) serves() bool {
	response, err := http.Get("http://" + p.address + "/readyz")
	if err != nil {
		return false
	}
	return response.Body.Close() == nil && response.StatusCode == http.StatusOK
}

// stop asks a process to end, and waits until it did.
func (p *process) stop() error {
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	late := time.AfterFunc(stopTime, func() { _ = p.command.Process.Kill() }) // it may have ended just now
	defer late.Stop()
	return p.command.Wait()
}

// cpu returns how much processor time a process has had.
func (p *process) cpu() (time.Duration, error) {
	stat, err := p.proc("stat")
	if err != nil {
		return 0, err
	}
	_, after, _ := strings.Cut(stat, ") ") // the name of the program ends here
	fields := strings.Fields(after)
	if len(fields) < 13 {
		return 0, fmt.Errorf("/proc says %q of a process", stat)
	}
	user, err := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	return time.Duration(user+system) * tick, errors.Join(err, err2)
}

// settle waits until a program that was started does no more of what it does once: that is not what a work costs.
func (p *process) settle(ctx context.Context) error {
	before, err := p.cpu()
	for range settleTime / settleStep {
		if err := errors.Join(err, wait(ctx, settleStep)); err != nil {
			return err
		}
		var now time.Duration
		if now, err = p.cpu(); err == nil && now-before <= tick {
			return nil
		}
		before = now
	}
	return errors.Join(err, fmt.Errorf("%s is still at work %v after its start", p.path, settleTime))
}

// memory returns how much memory a process has now, and has had at most, in MiB.
func (p *process) memory() (now, most float64, err error) {
	status, err := p.proc("status")
	if err != nil {
		return 0, 0, err
	}
	of := func(name string) float64 {
		_, after, _ := strings.Cut(status, name+":")
		kib, err2 := strconv.Atoi(strings.Fields(after + " none")[0])
		err = errors.Join(err, err2)
		return float64(kib) / 1024
	}
	now, most = of("VmRSS"), of("VmHWM")
	return now, most, err
}

func (p *process) proc(name string) (string, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", p.command.Process.Pid, name))
	return string(text), err
}

// freeAddress returns an address of this machine at which nothing listens.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}
