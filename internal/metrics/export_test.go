package metrics

import "context"

// Look reads all of the state once.
func (m *Metrics) Look(ctx context.Context) {
	for _, g := range m.state.groups {
		m.state.look(ctx, g)
	}
}
