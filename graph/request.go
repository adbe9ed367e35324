package graph

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/chaveiro/chaveiro/internal/base/fault"
)

// request is a GraphQL request as this API reads it.
type request struct {
	Query         string  `json:"query"`
	OperationName string  `json:"operationName,omitempty"`
	Variables     members `json:"variables,omitempty"`
	Extensions    members `json:"extensions,omitempty"`
}

// members are the members of a JSON object.
type members map[string]any

// UnmarshalJSON reads an object, null, or an empty array: that is how PHP writes an empty object. Numbers stay as they
// were written, but for whole ones with a fraction of zeros, such as 25.0, which become integers: GraphQL takes an
// integer for a Float too, and no fraction for an Int.
func (m *members) UnmarshalJSON(data []byte) error {
	var list []any
	if json.Unmarshal(data, &list) == nil && len(list) == 0 {
		*m = nil
		return nil
	}
	var object map[string]any
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&object); err != nil {
		return err
	}
	for name, value := range object {
		object[name] = withIntegers(value)
	}
	*m = object
	return nil
}

// withIntegers returns a value in which whole numbers are written as integers.
func withIntegers(value any) any {
	switch value := value.(type) {
	case json.Number:
		return integer(value)
	case []any:
		for i, element := range value {
			value[i] = withIntegers(element)
		}
	case map[string]any:
		for name, member := range value {
			value[name] = withIntegers(member)
		}
	}
	return value
}

// integer returns a number as an integer if it is one that GraphQL's Int can hold.
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

// readRequest returns the GraphQL request, and writes it anew into r: the engine reads what was read here, and nothing
// else that the caller may have sent.
func readRequest(r *http.Request) (request, error) {
	if r.Method == http.MethodGet {
		return readQueryString(r)
	}
	var read request
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return read, err
	}
	if err := json.Unmarshal(body, &read); err != nil {
		return read, err
	}
	body, err = json.Marshal(read)
	if err != nil {
		return read, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return read, nil
}

func readQueryString(r *http.Request) (request, error) {
	params := r.URL.Query()
	read := request{Query: params.Get("query"), OperationName: params.Get("operationName")}
	values := url.Values{"query": {read.Query}, "operationName": {read.OperationName}}
	for name, into := range map[string]*members{"variables": &read.Variables, "extensions": &read.Extensions} {
		text := params.Get(name)
		if text == "" {
			continue
		}
		if err := json.Unmarshal([]byte(text), into); err != nil {
			return read, err
		}
		written, err := json.Marshal(*into)
		if err != nil {
			return read, err
		}
		values.Set(name, string(written))
	}
	r.URL.RawQuery = values.Encode()
	return read, nil
}

// persistedQueryNotSupported is the code, and notSupported the message, by which clients of the protocol of persisted
// queries know that they have to send the whole document.
const (
	persistedQueryNotSupported fault.Refusal = "PERSISTED_QUERY_NOT_SUPPORTED"
	notSupported               string        = "PersistedQueryNotSupported"
)

// namesDocument reports whether a request has the hash of a document instead of it.
func (r request) namesDocument() bool {
	_, hashed := r.Extensions["persistedQuery"]
	return hashed && r.Query == ""
}
