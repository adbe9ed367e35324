package password

// Occupy takes every turn of the Hasher until release is called.
func (h *Hasher) Occupy() (release func()) {
	for range cap(h.slots) {
		h.slots <- struct{}{}
	}
	return func() {
		for range cap(h.slots) {
			<-h.slots
		}
	}
}

// Costs returns what verifying a stored hash costs.
func (h *Hasher) Costs(hash string) (Params, error) { return h.costs(hash) }

// DummyHash returns the hash of VerifyDummy.
func (h *Hasher) DummyHash() string { return h.dummy }

// Floor, Ceiling and CommonText are what their unexported namesakes are.
var (
	Floor      = floor
	Ceiling    = ceiling
	CommonText = commonText
)
