package cli

import (
	"context"
	"time"
)

// rotateSigningKey changes the key that signs the access tokens of operators.
func (i *invocation) rotateSigningKey(ctx context.Context) error {
	p, err := i.openPortal(ctx)
	if err != nil {
		return err
	}
	defer p.Close()
	from, err := p.Signing.Rotate(ctx)
	if err != nil {
		return err
	}
	i.say("a new key is published and signs from %s; the old one is destroyed when its last token has expired",
		from.Format(time.RFC3339))
	return nil
}
