package graphqlhttp

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/chaveiro/chaveiro/internal/base/fault"
)

// The limits of a request's JSON: how deep it may be nested, and how many names and values it may have in all.
const (
	maxJSONDepth  = 32
	maxJSONNames  = 2000
	maxJSONValues = 5000
)

// The reasons to refuse the JSON of a request. They are fixed texts: none repeats what was sent.
var (
	errNotJSON       = fault.BadRequest{Detail: fault.NotJSON}
	errJSONBatch     = fault.BadRequest{Detail: fault.JSONBatch}
	errJSONNoObject  = fault.BadRequest{Detail: fault.JSONNoObject}
	errJSONDepth     = fault.BadRequest{Detail: fault.JSONDepth}
	errJSONNames     = fault.BadRequest{Detail: fault.JSONNames}
	errJSONValues    = fault.BadRequest{Detail: fault.JSONValues}
	errJSONDuplicate = fault.BadRequest{Detail: fault.JSONDuplicate}
)

// readObject returns the one object that data is, or why it is refused. A name may come only once in an object, since
// two readers of the same request might use different ones. With fold the outermost names are in lower case, and names
// that differ only in case are the same: many readers take Query for query, and the letters ſ and s for the same.
func readObject(data []byte, fold bool) (map[string]any, error) {
	if !utf8.Valid(data) || !json.Valid(data) {
		return nil, errNotJSON
	}
	switch bytes.TrimLeft(data, " \t\r\n")[0] { // valid JSON is not empty
	case '{':
	case '[':
		return nil, errJSONBatch
	default:
		return nil, errJSONNoObject
	}
	r := jsonReader{decoder: json.NewDecoder(bytes.NewReader(data)), fold: fold}
	r.decoder.UseNumber() // a number of any size is for GraphQL to judge
	value, err := r.value(0)
	if err != nil {
		return nil, err
	}
	return value.(map[string]any), nil // it begins with a brace
}

type jsonReader struct {
	decoder       *json.Decoder
	fold          bool
	names, values int
}

// value reads the next value, which is inside depth others.
func (r *jsonReader) value(depth int) (any, error) {
	if r.values++; r.values > maxJSONValues {
		return nil, errJSONValues
	}
	token, err := r.decoder.Token()
	if err != nil {
		return nil, errNotJSON
	}
	open, nested := token.(json.Delim)
	if !nested {
		if number, ok := token.(json.Number); ok {
			return integer(number), nil
		}
		return token, nil
	}
	if depth == maxJSONDepth {
		return nil, errJSONDepth
	}
	var value any
	if open == '{' {
		value, err = r.members(depth + 1)
	} else {
		value, err = r.elements(depth + 1)
	}
	if err != nil {
		return nil, err
	}
	if _, err := r.decoder.Token(); err != nil { // the closing bracket
		return nil, errNotJSON
	}
	return value, nil
}

// elements reads the elements of an array at a depth, up to its closing bracket.
func (r *jsonReader) elements(depth int) ([]any, error) {
	elements := []any{}
	for r.decoder.More() {
		value, err := r.value(depth)
		if err != nil {
			return nil, err
		}
		elements = append(elements, value)
	}
	return elements, nil
}

// members reads the members of an object at a depth, up to its closing bracket.
func (r *jsonReader) members(depth int) (map[string]any, error) {
	members := map[string]any{}
	for r.decoder.More() {
		token, err := r.decoder.Token()
		if err != nil {
			return nil, errNotJSON
		}
		name := token.(string)
		if depth == 1 && r.fold {
			name = strings.ToLower(strings.ToUpper(name))
		}
		if _, twice := members[name]; twice {
			return nil, errJSONDuplicate
		}
		if r.names++; r.names > maxJSONNames {
			return nil, errJSONNames
		}
		members[name] = nil
		if members[name], err = r.value(depth); err != nil {
			return nil, err
		}
	}
	return members, nil
}

// integer returns a whole number with a fraction of zeros, such as 25.0, as an integer if GraphQL's Int can hold it. It
// returns any other number as it is. GraphQL takes an integer for a Float too, but no fraction for an Int.
func integer(number json.Number) json.Number {
	if !strings.ContainsAny(string(number), ".eE") {
		return number
	}
	n, err := number.Float64()
	if err != nil || n != math.Trunc(n) || n < math.MinInt32 || n > math.MaxInt32 {
		return number
	}
	return json.Number(strconv.FormatInt(int64(n), 10))
}
