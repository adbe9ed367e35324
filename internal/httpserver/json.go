package httpserver

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/chaveiro/chaveiro/internal/base/fault"
)

// How deep the JSON of a request may be nested, and how many names and values it may have in all.
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

// checkJSON refuses what is not a single JSON object within the limits. A name may come only once in an object, since
// two readers of the same request might go by different ones. Returns the member operationName, if it is a text.
func checkJSON(data []byte) (operationName string, err error) {
	if !utf8.Valid(data) || !json.Valid(data) {
		return "", errNotJSON
	}
	switch bytes.TrimLeft(data, " \t\r\n")[0] { // valid JSON is not empty
	case '{':
	case '[':
		return "", errJSONBatch
	default:
		return "", errJSONNoObject
	}
	check := jsonCheck{decoder: json.NewDecoder(bytes.NewReader(data))}
	check.decoder.UseNumber() // a number of any size is for GraphQL to judge
	_, err = check.value(0)
	return check.operationName, err
}

type jsonCheck struct {
	decoder       *json.Decoder
	names, values int
	operationName string
}

// value reads the next value, which is in depth others, and returns its first token.
func (c *jsonCheck) value(depth int) (json.Token, error) {
	if c.values++; c.values > maxJSONValues {
		return nil, errJSONValues
	}
	token, err := c.decoder.Token()
	if err != nil {
		return nil, errNotJSON
	}
	open, nested := token.(json.Delim)
	if !nested {
		return token, nil
	}
	if depth == maxJSONDepth {
		return nil, errJSONDepth
	}
	if open == '{' {
		err = c.members(depth + 1)
	} else {
		for err == nil && c.decoder.More() {
			_, err = c.value(depth + 1)
		}
	}
	if err != nil {
		return nil, err
	}
	if _, err := c.decoder.Token(); err != nil { // the closing bracket
		return nil, errNotJSON
	}
	return token, nil
}

// members reads the members of an object at a depth, up to its closing bracket.
func (c *jsonCheck) members(depth int) error {
	seen := map[string]bool{}
	for c.decoder.More() {
		token, err := c.decoder.Token()
		if err != nil {
			return errNotJSON
		}
		name := token.(string)
		if depth == 1 {
			// The request itself is decoded into a struct, where Query is query; and so are the letters ſ and s.
			name = strings.ToLower(strings.ToUpper(name))
		}
		if seen[name] {
			return errJSONDuplicate
		}
		seen[name] = true
		if c.names++; c.names > maxJSONNames {
			return errJSONNames
		}
		value, err := c.value(depth)
		if err != nil {
			return err
		}
		if text, ok := value.(string); ok && depth == 1 && name == "operationname" {
			c.operationName = text
		}
	}
	return nil
}
