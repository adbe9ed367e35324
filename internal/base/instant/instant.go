// Package instant writes the instants that leave the portal in one form: RFC 3339 in UTC with three fraction digits.
// Some programs read no more digits than three, and some read only one number of them.
package instant

import "time"

// form always has three fraction digits, even zeros.
const form = "2006-01-02T15:04:05.000Z07:00"

// Text writes an instant.
func Text(t time.Time) string { return t.UTC().Format(form) }

// Time is an instant that is a Text in JSON.
type Time time.Time

// MarshalText writes the instant. It returns no error.
func (t Time) MarshalText() ([]byte, error) { return []byte(Text(time.Time(t))), nil }

// Value returns a value for JSON: an instant, or a pointer to one, as its Text, nil for a pointer to none, and anything
// else as it is.
func Value(v any) any {
	switch v := v.(type) {
	case time.Time:
		return Text(v)
	case *time.Time:
		if v == nil {
			return nil
		}
		return Text(*v)
	default:
		return v
	}
}
