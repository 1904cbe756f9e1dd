package auth

import "strings"

// This file classifies the errors that token endpoints report.

// isTemporary reports whether the error may be temporary. RFC 6749 §4.1.2.1 and RFC 8628
// §3.5 define the first three codes. Some endpoints have only a text.
func (a tokenAnswer) isTemporary() bool {
	switch strings.ToLower(a.errorCode) {
	case "temporarily_unavailable", "server_error", "slow_down", "ratelimited", "rate_limited", "rate_limit_exceeded", "too_many_requests":
		return true
	}
	text := strings.ToLower(a.errorDescription)
	return strings.Contains(text, "too many requests") || strings.Contains(text, "rate limit")
}

// isInvalidGrant reports whether the endpoint refuses the refresh token or the assertion,
// and not the client.
func (a tokenAnswer) isInvalidGrant() bool {
	switch strings.ToLower(a.errorCode) {
	case "invalid_grant", "bad_refresh_token", "invalid_refresh_token":
		return true
	case "invalid_request", "unsupported_grant_type", "invalid_scope":
		return false
	}
	text := strings.ReplaceAll(strings.ToLower(a.errorDescription), "_", " ")
	return !a.isInvalidClient() && strings.Contains(text, "refresh token")
}

// isInvalidClient reports whether the endpoint refuses the client.
func (a tokenAnswer) isInvalidClient() bool {
	switch strings.ToLower(a.errorCode) {
	case "invalid_client", "invalid_client_id", "invalid_client_secret", "bad_client_secret", "incorrect_client_credentials":
		return true
	}
	return false
}
