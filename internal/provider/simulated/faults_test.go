package simulated_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/provider/simulated"
)

func (h hub) tryRefresh(ctx context.Context) (said, error) {
	return try(ctx,
		asked{method: "POST", url: h.url + "/auth/refresh", json: fmt.Sprintf(`{"refreshToken":%q}`, h.refresh)})
}

func TestAFaultAffectsOnlyTheCallThatItIsFor(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		fault  simulated.Fault
		status int // 0: the connection is cut
		body   string
		done   bool
	}{
		{"no fault", simulated.Pass(), 200, `"accessToken"`, true},
		{"a status", simulated.Status(503), 503, `"error_status":503`, false},
		{"too many requests", simulated.TooManyRequests(30 * time.Second), 429, `"error_status":429`, false},
		{"HTML", simulated.HTML(), 200, "<html>", false},
		{"another answer", simulated.Answer(418, "text/plain", "teapot"), 418, "teapot", false},
		{"an error in a 200", simulated.ErrorIn200("invalid_grant", "no"), 200,
			`{"error":"invalid_grant","error_description":"no"}`, false},
		{"cut before", simulated.CutBefore(), 0, "", false},
		{"cut after", simulated.CutAfter(), 0, "", true},
		{"a delay", simulated.Delay(time.Millisecond), 200, `"accessToken"`, true},
		{"truncated", simulated.Truncated(), 200, `{"accessToken`, true},
		{"cut within", simulated.CutWithin(), 200, `{"accessToken`, true},
		{"reshaped", simulated.Reshaped(func(s *simulated.Shape) {
			s.Status, s.Body = 201,
				simulated.WithoutMember(s.Body, "refreshToken")
		}), 201, `{"accessToken`, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHub(t)
			h.getOrders(t, h.access).want(t, 200) // leaves a connection that is used again
			h.Script(tt.fault.On("/auth"))
			h.getOrders(t, h.access).want(t, 200) // it is not for this one
			answer, err := h.tryRefresh(t.Context())
			if cut := tt.status == 0 || tt.name == "cut within"; cut != (err != nil) {
				t.Fatalf("the call returned %v", err)
			}
			if answer.status != tt.status || !strings.Contains(answer.body, tt.body) {
				t.Errorf("the answer is %d %q", answer.status, answer.body)
			}
			if done := h.Refreshes(storeCNPJ) == 1; done != tt.done {
				t.Errorf("done: %t, want %t", done, tt.done)
			}
			if !tt.done {
				h.postRefresh(t, h.refresh).want(t, 200) // one call alone suffered
			}
			if calls := h.Calls(); calls.List[2].Status != tt.status {
				t.Errorf("remembered with status %d", calls.List[2].Status)
			}
		})
	}
}

func TestAFaultIsNotHiddenByAConnectionThatIsUsedAgain(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	h.getOrders(t, h.access).want(t, 200)
	h.Script(simulated.CutBefore())
	if _, err := try(t.Context(), asked{url: h.url + "/orders", header: bearer(h.access)}); err == nil {
		t.Error("the call succeeded")
	}
	if got := h.Calls().Counts["GET /orders"]; got != 2 {
		t.Errorf("the provider was called %d times, want 2", got)
	}
}

func TestATruncatedAnswerIsNoJSON(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	h.Script(simulated.Truncated())
	if answer := h.getOrders(t, h.access); json.Valid([]byte(answer.body)) {
		t.Errorf("the answer is JSON: %s", answer.body)
	}
}

func TestTooManyRequestsSaysWhenToComeBack(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	h.Script(simulated.TooManyRequests(30*time.Second), simulated.TooManyRequests(0))
	if got := h.getOrders(t, h.access).header.Get("Retry-After"); got != "30" {
		t.Errorf("Retry-After = %q, want 30", got)
	}
	if got := h.getOrders(t, h.access).header.Values("Retry-After"); len(got) > 0 {
		t.Errorf("Retry-After = %q, want none", got)
	}
}

func TestFaultsComeInOrder(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	h.Always(simulated.Status(500))
	h.Script(simulated.Pass(), simulated.Status(502))
	for _, want := range []int{200, 502, 500, 500} {
		h.getOrders(t, h.access).want(t, want)
	}
	h.Always(simulated.Status(504).On("/auth"))
	h.getOrders(t, h.access).want(t, 200)
	h.postRefresh(t, h.refresh).want(t, 504)
	h.SetDown(true)
	h.postRefresh(t, h.refresh).want(t, 503)
	h.Clear()
	h.postRefresh(t, h.refresh).want(t, 200)
}

func TestRandomFaultsAreTransientAndRepeatable(t *testing.T) {
	t.Parallel()
	run := func() (seen string) {
		h := newHub(t)
		h.Rate(0.5, 7)
		for range 40 {
			answer, err := try(t.Context(), asked{url: h.url + "/orders", header: bearer(h.access)})
			seen += fmt.Sprintf("%d %t;", answer.status, err != nil)
			switch answer.status {
			case 0, 200, 429, 500, 502, 503:
			default:
				t.Errorf("status %d", answer.status)
			}
		}
		h.Rate(0, 7)
		h.getOrders(t, h.access).want(t, 200)
		return seen
	}
	first := run()
	if second := run(); first != second {
		t.Errorf("the same seed gave\n%s\n%s", first, second)
	}
	if n := strings.Count(first, "200"); n < 10 || n > 30 {
		t.Errorf("%d of 40 calls succeeded at a rate of a half", n)
	}
}

func TestAHeldCallIsDoneWhenItIsReleased(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		h := newHub(t)
		hold := h.Hold
		if after {
			hold = h.HoldAnswer
		}
		reached, release := hold("/auth")
		h.getOrders(t, h.access).want(t, 200)
		status := make(chan int)
		go func() {
			answer, _ := h.tryRefresh(t.Context())
			status <- answer.status
		}()
		closed(t, reached)
		if done := h.Refreshes(storeCNPJ) == 1; done != after {
			t.Errorf("held after it is done: %t, but it was done: %t", after, done)
		}
		release()
		release()
		if got := <-status; got != 200 || h.Refreshes(storeCNPJ) != 1 {
			t.Errorf("released, it was answered with %d", got)
		}
		h.postRefresh(t, h.CurrentRefresh(storeCNPJ)).want(t, 200) // one call alone was held
	}
}

func TestAHeldCallWhoseCallerLeavesIsDoneOnlyIfItWasBefore(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		h := newHub(t)
		hold := h.Hold
		if after {
			hold = h.HoldAnswer
		}
		reached, release := hold("/auth")
		ctx, leave := context.WithCancel(t.Context())
		left := make(chan struct{})
		go func() {
			defer close(left)
			if _, err := h.tryRefresh(ctx); err == nil {
				t.Error("the call succeeded")
			}
		}()
		closed(t, reached)
		leave()
		closed(t, left)
		time.Sleep(50 * time.Millisecond) // the server has to notice
		release()
		time.Sleep(10 * time.Millisecond)
		if done := h.Refreshes(storeCNPJ) == 1; done != after {
			t.Errorf("held after it is done: %t, but it was done: %t", after, done)
		}
	}
}

func TestACallHangsUntilItIsReleasedOrCleared(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	released := make(chan struct{})
	for _, tt := range []struct {
		name    string
		release chan struct{}
		end     func()
	}{
		{"released", released, func() { close(released) }},
		{"cleared", nil, h.Clear},
	} {
		h.Script(simulated.Hang(tt.release))
		status := make(chan int, 1)
		go func() {
			answer, _ := try(t.Context(), asked{url: h.url + "/orders", header: bearer(h.access)})
			status <- answer.status
		}()
		select {
		case got := <-status:
			t.Errorf("%s: the call was answered with %d before", tt.name, got)
		case <-time.After(50 * time.Millisecond):
			tt.end()
			if got := <-status; got != 200 {
				t.Errorf("%s: the call was answered with %d", tt.name, got)
			}
		}
	}
}

func TestACallThatHangsIsNotDoneWhenItsCallerLeaves(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	h.Script(simulated.Hang(nil))
	ctx, leave := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer leave()
	if _, err := h.tryRefresh(ctx); err == nil {
		t.Error("the call succeeded")
	}
	if h.Refreshes(storeCNPJ) != 0 {
		t.Error("the call was done")
	}
}

func TestClearLetsGoACallThatIsHeld(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	reached, _ := h.Hold("/orders")
	status := make(chan int)
	go func() {
		answer, _ := try(t.Context(), asked{url: h.url + "/orders", header: bearer(h.access)})
		status <- answer.status
	}()
	closed(t, reached)
	h.Clear()
	if got := <-status; got != 200 {
		t.Errorf("the call was answered with %d", got)
	}
}

func TestCallsAreRememberedWithoutTheirTokens(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	h.getOrders(t, h.access)
	h.postRefresh(t, h.refresh)
	h.postRefresh(t, "unknown")
	do(t, asked{url: h.url + "/other", header: map[string]string{"Authentication": "bearer x", "User-Agent": "App"}})
	do(t, asked{url: h.url + "/other", header: map[string]string{"Authorization": "token-alone"}})

	calls := h.Calls()
	for pattern, want := range map[string]int{"GET /orders": 1, "POST /auth/refresh": 2, "GET unknown": 2} {
		if calls.Counts[pattern] != want {
			t.Errorf("%d calls of %s, want %d", calls.Counts[pattern], pattern, want)
		}
	}
	if len(calls.List) != 5 {
		t.Fatalf("%d calls remembered, want 5", len(calls.List))
	}
	first := simulated.Call{
		Time: h.now(), Method: "GET", Path: "/orders", Query: "_page=1&size=1", Pattern: "GET /orders",
		Auth: "Authorization: Bearer", UserAgent: "Go-http-client/1.1", Status: http.StatusOK,
	}
	if calls.List[0] != first {
		t.Errorf("the first call is %+v, want %+v", calls.List[0], first)
	}
	if got := calls.List[1]; got.ContentType != "application/json" || got.Auth != "" || got.Status != 200 {
		t.Errorf("the second call is %+v", got)
	}
	if got := calls.List[3]; got.Auth != "Authentication: bearer" || got.UserAgent != "App" || got.Status != 404 {
		t.Errorf("the fourth call is %+v", got)
	}
	if got := calls.List[4].Auth; got != "Authorization" {
		t.Errorf("the fifth call's token is %q", got)
	}
	if text := fmt.Sprintf("%+v", calls); strings.Contains(text, h.access) || strings.Contains(text, h.refresh) {
		t.Error("a token is remembered")
	}
}

func TestAWrappedAnswerHoldsTheSameTokens(t *testing.T) {
	t.Parallel()
	for _, wrapping := range simulated.Wrappings() {
		h := newHub(t)
		h.Script(simulated.Reshaped(wrapping.Change).On("/auth"))
		answer, err := h.tryRefresh(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		told := strings.ReplaceAll(answer.body, "\x00", "")
		if !strings.Contains(told, h.CurrentAccess(storeCNPJ)) || !strings.Contains(told, h.CurrentRefresh(storeCNPJ)) ||
			answer.status > 299 {
			t.Errorf("%s: the answer is %d %q", wrapping.Name, answer.status, answer.body)
		}
	}
}

func TestAGatewayAnswersInPlaceOfTheProvider(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, said := range simulated.WayAnswers() {
		if names[said.Name] {
			t.Errorf("two are called %s", said.Name)
		}
		names[said.Name] = true
	}
	h := newHub(t)
	said := simulated.WayAnswers()[0]
	h.Script(said.Fault())
	answer := h.postRefresh(t, h.refresh)
	if answer.status != said.Status || answer.body != said.Body || h.Refreshes(storeCNPJ) != 0 {
		t.Errorf("the answer is %d %q, after %d refreshes", answer.status, answer.body, h.Refreshes(storeCNPJ))
	}
}

func TestASlowProviderDoesACallAndAnswersLater(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	h.SetSlow(time.Hour, 2*time.Hour, 7)
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan error, 1)
	go func() {
		_, err := h.tryRefresh(ctx)
		left <- err
	}()
	for range 1000 {
		if h.Refreshes(storeCNPJ) == 1 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	select {
	case err := <-left:
		t.Errorf("it answered at once: %v", err)
	default:
	}
	leave()
	if err := <-left; err == nil || h.Refreshes(storeCNPJ) != 1 {
		t.Errorf("it was done %d times, and the call returned %v", h.Refreshes(storeCNPJ), err)
	}
	h.SetSlow(0, 0, 7)
	h.postRefresh(t, h.CurrentRefresh(storeCNPJ)).want(t, 200)
	h.SetSlow(time.Millisecond, time.Millisecond, 7)
	h.postRefresh(t, h.CurrentRefresh(storeCNPJ)).want(t, 200)
}

func TestAllFourGoDownTogether(t *testing.T) {
	t.Parallel()
	providers, _ := newProviders()
	urls := []string{
		serve(t, providers.Nuvemshop.Handler()), serve(t, providers.Plug4Market.Handler()),
		serve(t, providers.MeuCarrinho.Handler()), serve(t, providers.ShowKase.Handler()),
	}
	for _, down := range []bool{true, false} {
		for _, f := range providers.Faults() {
			f.SetDown(down)
		}
		want := map[bool]int{true: 503, false: 404}[down]
		for _, url := range urls {
			do(t, asked{url: url + "/any"}).want(t, want)
		}
	}
}
