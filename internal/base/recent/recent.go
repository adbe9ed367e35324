// Package recent makes caches that hold a fixed number of entries, and forget those that were used longest ago.
package recent

import lru "github.com/hashicorp/golang-lru/v2"

// New returns an empty cache of at most so many entries. It panics for a number that is not positive.
func New[K comparable, V any](most int) *lru.Cache[K, V] {
	cache, err := lru.New[K, V](most)
	if err != nil {
		panic(err)
	}
	return cache
}
