package portal

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/chaveiro/chaveiro/internal/core/activity"
	"github.com/chaveiro/chaveiro/internal/core/retention"
)

// flushUses is how often the portal saves the last uses of keys and tokens, and the tries of strangers.
const flushUses = 2 * time.Second

// job is work in the background while the portal serves.
type job struct {
	// name is a verb with its object. The log says that the portal could not do it.
	name string
	// run works until ctx ends. It reports an error and goes on.
	run func(ctx context.Context, report func(error))
	// endsFirst is whether the job ends when the portal is told to stop, and not after the last request.
	endsFirst bool
}

// jobs is the table of the jobs of a portal that serves.
func (p *Portal) jobs(metrics *metricsListener) []job {
	settings := p.options.Settings
	sweeper := retention.New(retention.Options{
		Store: p.Store, Keys: p.Keyset, TidyReads: p.Keys.TidyReads, Now: p.options.Now, Log: p.log,
		Periods: retention.Periods{Trail: days(settings.KeepTrail), Reads: days(settings.KeepReads)},
	})
	witness := NewWitness(p.Store, p.Keyset, settings)
	return []job{
		{name: "save the last uses of access keys", run: func(ctx context.Context, report func(error)) {
			p.Keys.Run(ctx, flushUses, report)
		}},
		{name: "save the last uses of service tokens", run: func(ctx context.Context, report func(error)) {
			p.ServiceTokens.Run(ctx, flushUses, report)
		}},
		{name: "record the tries of strangers", run: func(ctx context.Context, report func(error)) {
			p.Strangers.Run(ctx, flushUses, report)
		}},
		{name: "count by the hour", run: func(ctx context.Context, report func(error)) {
			p.Counts.Run(ctx, activity.Every, report)
		}},
		{name: "delete expired rows", run: func(ctx context.Context, report func(error)) {
			sweeper.Run(ctx, retention.Every, report)
		}},
		{name: "renew the signing keys", run: p.Signing.Run},
		{name: "tell of changes", run: ignoreReport(p.Live.Run)},
		{name: "follow the keyset", run: ignoreReport(p.follower.Run)},
		{name: "watch the audit trail", run: ignoreReport(func(ctx context.Context) { witness.Watch(ctx, p.log) })},
		{name: "settle installs", run: ignoreReport(p.Installs.Run)},
		{name: "keep connections", run: ignoreReport(p.Keeper.Run), endsFirst: true}, // it begins nothing new then
		{name: "serve metrics", run: metrics.run},
	}
}

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }

// ignoreReport makes a job of work that writes its own errors to the log.
func ignoreReport(run func(context.Context)) func(context.Context, func(error)) {
	return func(ctx context.Context, _ func(error)) { run(ctx) }
}

// jobGroup owns the jobs of a table while they run, and ends them in order.
type jobGroup struct {
	jobs sync.WaitGroup
	stop context.CancelFunc
}

// startJobs starts every job of a table. Jobs that end first end with ctx, the others when the caller calls end.
func startJobs(ctx context.Context, table []job, log *slog.Logger) *jobGroup {
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	group := &jobGroup{stop: stop}
	for _, job := range table {
		until := background
		if job.endsFirst {
			until = ctx
		}
		group.jobs.Go(func() {
			job.run(until, func(err error) { log.Error("could not "+job.name, "err", err) })
		})
	}
	return group
}

// end stops the jobs, and waits until each has saved what it has.
func (g *jobGroup) end() {
	g.stop()
	g.jobs.Wait()
}
