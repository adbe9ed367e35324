package ratelimit

// Strangers returns how many strangers are remembered.
func (l *Limiter) Strangers() int { return l.requestsOfStranger.Len() }
