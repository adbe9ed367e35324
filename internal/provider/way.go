package provider

import (
	"encoding/json"
	"strings"

	"github.com/chaveiro/chaveiro/internal/base/outbound"
)

// Proxies, firewalls and API gateways stand between the portal and a provider. They reject calls too, often with the
// status of a refusal and in JSON, but that says nothing about the credentials. So a provider's package accepts a
// refusal only in the provider's own form. Where that form is unknown, FromGateway tells whether a gateway may have
// answered.

// gatewayMembers are the JSON members that the errors of gateways consist of, in lower case.
var gatewayMembers = map[string]bool{
	// AWS API Gateway, Kong: {"message"}; with the id of the request in newer versions.
	"message": true, "__type": true, "requestid": true, "request_id": true,
	// Azure API Management: {"statusCode","message"}; Azure Front Door, Google: {"error":{...}}.
	"statuscode": true, "error": true, "code": true, "details": true,
	// Cloudflare: {"success","errors","messages","result"}.
	"success": true, "errors": true, "messages": true, "result": true,
	// Spring Cloud Gateway: {"timestamp","path","status","error"}; problem details (RFC 9457) without extensions.
	"timestamp": true, "path": true, "status": true, "type": true, "title": true, "detail": true, "instance": true,
}

// gatewayMarks are members that only gateways send, whatever else the body has: Cloudflare's and Apigee's.
var gatewayMarks = map[string]bool{"cloudflare_error": true, "ray_id": true, "fault": true}

// FromGateway reports whether an error may come from a gateway and not from the provider itself: it is a page, a text,
// empty, or JSON with no members other than those of gateways.
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
