package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync/atomic"

	"github.com/chaveiro/chaveiro/bench/limit"
	"github.com/chaveiro/chaveiro/bench/load"
)

// The documents that the portal is asked. What they ask for is what the limit answers.
const (
	integrationDocument = `query Integration { integration { client { id name document }
accessKey { id name expiresAt overlapEndsAt } revision
marketplaces { id provider description health { state reason message since } credentialVersion credentials {
... on MeuCarrinhoCredentials { username password }
... on NuvemshopCredentials { storeId accessToken headerName headerValue }
... on Plug4MarketCredentials { accessToken expiresAt }
... on ShowKaseCredentials { token } } } } }`
	clientsDocument = `query Clients($first: Int, $search: String) { clients(first: $first, search: $search) {
totalCount pageInfo { hasNextPage } edges { node { id name tradeName document
products { id suspendedAt product { id name }
marketplaces { id provider description health { state reason } } } } } } }`
	addDocument = `mutation Add($input: AddMarketplaceInput!) { addMarketplace(input: $input) {
marketplace { id provider description health { state reason } } userErrors { message } } }`
	loginDocument = `mutation LogIn($input: LoginInput!) { login(input: $input) {
operator { name role } userErrors { message } } }`
)

// pageSize is how many clients a list has.
const pageSize = 20

// The names of the systems.
const (
	portalName = "portal"
	limitName  = "L"
)

// system is a server that is measured: how its requests look.
type system struct {
	name    string
	of      program
	running *process
	read    func(key string) []byte
	list    func(token, search string) []byte
	add     func(token string, to limit.Shop, description, secret string) []byte
	logIn   func() []byte
	// wantAdded checks the answer to add.
	wantAdded func(description string) func(load.Answer) error
	// wantSameList checks a list against the portal's; nil where both must be the same to the byte.
	wantSameList func(portals, list []byte) error
	// lists is what each search is answered.
	lists [][]byte
	// database is where it keeps what it has.
	database string
	// peer is set where only the works of peers are measured.
	peer bool
	// tokens are what operators call it with.
	tokens []string
	// added counts the marketplaces that were added.
	added atomic.Int64
}

// newPortalSystem makes a system of the portal.
func newPortalSystem(p program, email, password string) *system {
	return &system{
		name: portalName, of: p, wantAdded: wantAdded,
		read: func(key string) []byte { return graphQL(key, integrationDocument, nil) },
		list: func(token, search string) []byte {
			return graphQL(token, clientsDocument, object{"first": pageSize, "search": search})
		},
		add: func(token string, to limit.Shop, description, secret string) []byte {
			return graphQL(token, addDocument, object{"input": object{
				"clientProductId": to.ClientProductID, "description": description,
				"config": object{"showKase": object{"token": secret}},
			}})
		},
		logIn: func() []byte {
			return graphQL("", loginDocument, object{"input": object{"email": email, "password": password}})
		},
	}
}

// newLimitSystem makes a system of the limit.
func newLimitSystem(p program, email, password string) *system {
	return &system{
		name: limitName, of: p, wantAdded: wantAdded,
		read: func(key string) []byte { return httpRequest("GET", "/integration", key, nil) },
		list: func(token, search string) []byte {
			return httpRequest("POST", "/clients", token, object{"first": pageSize, "search": search})
		},
		add: func(token string, to limit.Shop, description, secret string) []byte {
			return httpRequest("POST", "/marketplaces", token,
				object{"clientProductId": to.ClientProductID, "description": description, "token": secret})
		},
		logIn: func() []byte { return httpRequest("POST", "/login", "", object{"email": email, "password": password}) },
	}
}

type object map[string]any

func graphQL(token, document string, variables object) []byte {
	return httpRequest("POST", "/graphql", token, object{"query": document, "variables": variables})
}

// poll is a read of integration that is answered only if it has changed since tag, which may be empty.
func poll(key, tag string) []byte {
	headers := ""
	if tag != "" {
		headers = "If-None-Match: " + tag + "\r\n"
	}
	return httpText("GET", "/graphql?query="+url.QueryEscape(integrationDocument), key, headers, nil)
}

// httpRequest writes a request with a body of JSON, if there is one.
func httpRequest(method, path, token string, body object) []byte {
	if body == nil {
		return httpText(method, path, token, "", nil)
	}
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // texts and numbers always are JSON
	}
	headers := fmt.Sprintf("Content-Type: application/json\r\nContent-Length: %d\r\n", len(text))
	return httpText(method, path, token, headers, text)
}

func httpText(method, path, token, headers string, body []byte) []byte {
	if token != "" {
		headers += "Authorization: Bearer " + token + "\r\n"
	}
	text := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n%s\r\n", method, path, headers)
	return append([]byte(text), body...)
}

// wantBytes checks that an answer has a body to the byte.
func wantBytes(want []byte) func(load.Answer) error {
	return func(a load.Answer) error {
		if a.Status != http.StatusOK || !bytes.Equal(bytes.TrimSpace(a.Body), want) {
			return errors.New("the answer is another than at first")
		}
		return nil
	}
}

// wantUnchanged checks that an answer says that nothing has changed.
func wantUnchanged(a load.Answer) error {
	if a.Status != http.StatusNotModified || len(a.Body) > 0 {
		return errors.New("the answer is not that nothing has changed")
	}
	return nil
}

// wantAdded checks that a marketplace was added.
func wantAdded(description string) func(load.Answer) error {
	begin := []byte(`{"data":{"addMarketplace":{"marketplace":{"id":"mkp_`)
	end := []byte(`"provider":"SHOWKASE","description":"` + description +
		`","health":{"state":"NOT_TESTABLE","reason":"NO_TEST_AVAILABLE"}},"userErrors":[]}}}`)
	return func(a load.Answer) error {
		body := bytes.TrimSpace(a.Body)
		if a.Status != http.StatusOK || !bytes.HasPrefix(body, begin) || !bytes.HasSuffix(body, end) {
			return errors.New("the marketplace was not added")
		}
		return nil
	}
}

// keepList checks that a list is good, and keeps it.
func (s *system) keepList(body *[]byte) func(load.Answer) error {
	if s.wantSameList == nil {
		return keepBody(body)
	}
	return func(a load.Answer) error {
		if a.Status != http.StatusOK {
			return errors.New("the list is no good one")
		}
		*body = bytes.Clone(bytes.TrimSpace(a.Body))
		return nil
	}
}

// keepBody checks that an answer is good, and keeps its body.
func keepBody(body *[]byte) func(load.Answer) error {
	return func(a load.Answer) error {
		if a.Status != http.StatusOK || !bytes.HasPrefix(a.Body, []byte(`{"data":{`)) ||
			bytes.Contains(a.Body, []byte(`"errors":`)) {
			return errors.New("the answer is no good one")
		}
		*body = bytes.Clone(bytes.TrimSpace(a.Body))
		return nil
	}
}

// ask sends one request and decodes the data of its answer.
func ask(c *load.Connection, request []byte, into any) error {
	var body []byte
	if _, err := c.Send(load.Request{Text: request, Check: keepBody(&body)}); err != nil {
		return err
	}
	return json.Unmarshal(body, &struct{ Data any }{into})
}
