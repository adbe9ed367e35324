package ident

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/google/uuid"
)

// spare is how many bits of a number tell those of one millisecond apart. The others reach to the year 2089.
const spare = 22

// epoch is when numbers begin.
var epoch = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// Number returns a new number: an id for rows of which there are so many that the text of an id takes too much room.
// Numbers of one process rise. Two processes make the same one when they do it in the same quarter of a microsecond
// and 10 random bits are the same.
func Number() int64 {
	u := uuid.Must(uuid.NewV7()) // 48 bits of milliseconds, 4 of the version, and 12 that part a millisecond and rise
	at := binary.BigEndian.Uint64(u[:])
	part, random := at&(1<<12-1), uint64(binary.BigEndian.Uint16(u[14:]))
	low := part<<(spare-12) | random&(1<<(spare-12)-1)
	return FirstNumberAt(time.UnixMilli(int64(at>>16))) | int64(low) // #nosec G115 -- they have 48 and 22 bits
}

// FirstNumberAt returns the smallest number that can have been made at an instant, to the millisecond.
func FirstNumberAt(at time.Time) int64 { return max(at.Sub(epoch).Milliseconds(), 0) << spare }

// NumberOf returns the number that stands for an id, always the same one. Of a million ids the odds that two have the
// same number are one in ten million.
func NumberOf(id string) int64 {
	hash := sha256.Sum256([]byte(id))
	return int64(binary.BigEndian.Uint64(hash[:]) >> 1) // #nosec G115 -- it has 63 bits
}

// NumbersOf returns the number of each id.
func NumbersOf(ids ...string) []int64 {
	numbers := make([]int64, len(ids))
	for i, id := range ids {
		numbers[i] = NumberOf(id)
	}
	return numbers
}
