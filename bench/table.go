package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/chaveiro/chaveiro/bench/load"
)

// print writes the table of a database: ratios of the portal to the limit, and what both took.
func (b *bench) print(out io.Writer, title string, works []string, hash time.Duration) error {
	var table strings.Builder
	fmt.Fprintf(&table, "\n### %s\n\n", title)
	table.WriteString("| work | throughput, ratio to L (spread) | a second: portal, L | p50 ms: portal, L |" +
		" p99 ms: portal, L | CPU µs an answer: portal, L |\n|---|---|---|---|---|---|\n")
	for _, work := range works {
		portal, limit := b.figuresOf(work, portalName), b.figuresOf(work, limitName)
		if work == readUnchanged {
			limit = b.figuresOf(readAgain, limitName)
		}
		fmt.Fprintf(&table, "| %s | %s | %.0f, %.0f | %s, %s | %s, %s | %s, %s |\n", work, ratio(portal, limit),
			median(portal.throughput), median(limit.throughput), portal.percentile(50), limit.percentile(50),
			portal.percentile(99), limit.percentile(99), portal.cpuOfOne(), limit.cpuOfOne())
	}
	table.WriteString("\n| | portal | L |\n|---|---|---|\n")
	row := func(name string, of func(system string) string) {
		fmt.Fprintf(&table, "| %s | %s | %s |\n", name, of(portalName), of(limitName))
	}
	if slices.Contains(works, allAtOnce) {
		row(writesBeside+", p50 and p99, ms", func(system string) string {
			of := b.figuresOf(writesBeside, system)
			return of.percentile(50) + ", " + of.percentile(99)
		})
		row(fmt.Sprintf(logInsBeside+" above their hash of %d ms, p50 and p99, ms", hash.Milliseconds()),
			func(system string) string {
				of := figures{took: slices.Clone(b.figuresOf(logInsBeside, system).took)}
				for i := range of.took {
					of.took[i] -= hash
				}
				return fmt.Sprintf("%s, %s of %d", of.percentile(50), of.percentile(99), len(of.took))
			})
	}
	row("memory 4 s after a round, and at most, MiB", func(system string) string {
		return fmt.Sprintf("%.0f, %.0f", median(b.memory[system]), slices.Max(b.peak[system]))
	})
	row("start, ms (spread)", func(system string) string {
		times := make([]float64, 0, len(b.start[system]))
		for _, took := range b.start[system] {
			times = append(times, float64(took.Milliseconds()))
		}
		return fmt.Sprintf("%.0f (%.0f-%.0f)", median(times), slices.Min(times), slices.Max(times))
	})
	_, err := io.WriteString(out, table.String())
	return err
}

func (b *bench) figuresOf(work, system string) figures {
	if of := b.measured[work][system]; of != nil {
		return *of
	}
	return figures{}
}

// ratio compares the rounds of two systems one by one.
func ratio(of, to figures) string {
	var ratios []float64
	for i := range min(len(of.throughput), len(to.throughput)) {
		ratios = append(ratios, of.throughput[i]/to.throughput[i])
	}
	if len(ratios) == 0 {
		return "-"
	}
	return fmt.Sprintf("**%.2f** (%.2f-%.2f)", median(ratios), slices.Min(ratios), slices.Max(ratios))
}

func (f figures) percentile(p float64) string {
	return fmt.Sprintf("%.1f", float64(load.Percentile(f.took, p).Microseconds())/1000)
}

func (f figures) cpuOfOne() string {
	if len(f.took) == 0 || f.cpu == 0 {
		return "-"
	}
	return fmt.Sprintf("%d", (f.cpu / time.Duration(len(f.took))).Microseconds())
}

func median(of []float64) float64 {
	if len(of) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(of))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}
