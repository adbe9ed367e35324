package provider

import (
	"encoding/json"
	"strings"

	"github.com/chaveiro/chaveiro/internal/base/outbound"
)

// Between the portal and a provider stand proxies, firewalls and API gateways. They refuse calls too, with the statuses
// of a refusal and often in JSON, and what they refuse is the way and not the credentials. So a provider's package
// believes a refusal only in the provider's own words. Where those are not known, FromGateway says whether others
// speak.

// gatewayMembers are the members that the errors of gateways consist of, in small letters.
var gatewayMembers = map[string]bool{
	// AWS API Gateway, Kong: {"message"}; with the id of the request in newer versions.
	"message": true, "__type": true, "requestid": true, "request_id": true,
	// Azure API Management: {"statusCode","message"}; Azure Front Door, Google: {"error":{...}}.
	"statuscode": true, "error": true, "code": true, "details": true,
	// Cloudflare: {"success","errors","messages","result"}.
	"success": true, "errors": true, "messages": true, "result": true,
	// Spring Cloud Gateway: {"timestamp","path","status","error"}; problem details without a word of their own.
	"timestamp": true, "path": true, "status": true, "type": true, "title": true, "detail": true, "instance": true,
}

// gatewayMarks are members that a gateway alone has, whatever stands beside them: Cloudflare's and Apigee's.
var gatewayMarks = map[string]bool{"cloudflare_error": true, "ray_id": true, "fault": true}

// FromGateway reports whether an answer that is an error may come from what stands before a provider, and not from the
// provider itself: a page, a text, nothing, or JSON that has no more than the errors of gateways have.
func FromGateway(a outbound.Response) bool {
	var members map[string]json.RawMessage
	if !Decode(a, &members) {
		return true
	}
	more := false
	for name := range members {
		name = strings.ToLower(name)
		if gatewayMarks[name] {
			return true
		}
		more = more || !gatewayMembers[name]
	}
	return !more
}
