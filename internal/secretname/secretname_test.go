package secretname_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/internal/secretname"
)

// Each name is listed with the functions that report true for it.
func TestNames(t *testing.T) {
	member := regexp.MustCompile("(?i)^" + secretname.MemberPattern() + "$")
	functions := map[byte]func(string) bool{
		'P': secretname.Parameter,
		'G': secretname.GrantField,
		'F': secretname.Field,
		'H': secretname.Header,
		'N': secretname.PageHeader,
		'1': secretname.OneRequest,
		'M': member.MatchString,
	}
	for name, want := range map[string]string{
		// A whole name in parameters, a part of one in headers.
		"key": "PH", "token": "PH", "auth": "PH", "session": "PH", "Key": "PH",
		"authorization": "PH", "Proxy-Authorization": "H",
		"session_id": "PH", "sid": "P", "jwt": "P", "hmac": "P", "pass": "P", "pwd": "P",
		"sig": "P1", "X-Sig": "1", "signature": "PH1", "X-Amz-Signature": "PH1", "X-Goog-Signature": "PH1",
		"Cookie": "H", "Set-Cookie": "H",

		// Passwords and secrets.
		"password": "PFHM", "proxy.password": "PFH", "user[password]": "PFH", "passwd": "PF", "db_passwd": "PF",
		"passphrase": "PF", "keyPassphrase": "PFH", "secret": "PFH", "client_secret": "PFHM", "clientSecret": "PFHM",
		"client-secret": "PFH", "x-shop-secret": "PFH",

		// Keys.
		"api_key": "PFH", "apikey": "PFH", "API-Key": "PFH", "x.api.key": "PFH", "X-Api-Key": "PFH", "access_key": "PFH",
		"private_key": "PFH", "secret_key": "PFH", "Ocp-Apim-Subscription-Key": "PFH",
		"sort_key": "H", "monkey": "H", "X-Partition-Key": "H", "Idempotency-Key": "H1", "keys": "H", "access_key_id": "H",

		// Tokens.
		"access_token": "PFHM", "accessToken": "PFHM", "oauth_access_token": "PFH", "refresh_token": "PFHM", "id_token": "PHM",
		"auth_token": "PFH", "api_token": "PFH", "bearer_token": "PFH", "X-Amz-Security-Token": "PFH", "X-Auth-Token": "PFH",
		"valid_token": "H", "page_token": "HN", "next_page_token": "HN", "X-Next-Page-Token": "HN", "continuationToken": "HN",
		"X-Amz-Credential": "PF", "X-Goog-Credential": "PF",

		// OAuth 2.0.
		"assertion": "PFM", "client_assertion": "PFM", "code": "G", "code_verifier": "G", "grant_type": "", "client_id": "",
		"country_code": "", "codes": "", "code_challenge": "",

		// Names that are not secret.
		"": "", "page": "N", "cursor": "N", "limit": "", "since": "", "user": "", "base_url": "", "Accept": "", "Content-Type": "",
		"passport": "", "compass": "", "tokens": "H", "secretary": "H",
	} {
		got := ""
		for _, letter := range "PGFHN1M" {
			if functions[byte(letter)](name) {
				got += string(letter)
			}
		}
		assert.Equal(t, sorted(want), got, name)
	}
}

// sorted puts letters into the order of the test.
func sorted(letters string) (ordered string) {
	for _, letter := range "PGFHN1M" {
		if strings.ContainsRune(letters, letter) {
			ordered += string(letter)
		}
	}
	return ordered
}

func TestAPatternMatchesInsideText(t *testing.T) {
	pattern := regexp.MustCompile(`(?i)"(` + secretname.MemberPattern() + `)":"([^"]*)"`)
	assert.Equal(t, []string{`"refreshToken":"rt-1"`, "refreshToken", "rt-1"},
		pattern.FindStringSubmatch(`{"next_token":"n","refreshToken":"rt-1"}`))
}

func TestOnlySomePartsOfASecretAreSecretByTheirNames(t *testing.T) {
	for _, name := range []string{
		"key", "token", "password", "Pwd", "password2", "passwordHash", "api_key", "AccountKey", "SharedAccessKey", "private_key", "PrivateKeyPem",
		"client_secret", "SecretString", "secret_id", "session_id", "sid", "signing_key", "private_token", "SessionToken", "credential",
		"ssl.keystore.password", "ssl.keystore.key", "private_key_file_pwd", "key_base64", "publication_secret", "secret_message", "key2",
	} {
		assert.True(t, secretname.Part(name), name)
		assert.False(t, secretname.PublicPart(name), name)
	}
	for _, name := range []string{
		"Keyspace", "SharedAccessKeyName", "key_name", "token_name", "signing_key_algorithm", "keyAlg", "AllowPublicKeyRetrieval",
		"token_uri", "auth_uri", "client_x509_cert_url", "access_token_url", "token_endpoint", "private_key_id", "aws_access_key_id",
		"key_file", "sslkeyfile", "private_key_path", "ssl.keystore.location", "token_type", "key_size", "key_length", "key_version",
		"key_format", "token_expiry", "token_expires_in", "expires", "public_key", "publicKeyToken", "ssh_public_key", "PublicKey",
		"publishable_key", "key_arn", "partition_key", "PuTTY-User-Key-File-3", "host", "username", "region", "private_ip",
	} {
		assert.False(t, secretname.Part(name), name)
		assert.True(t, secretname.PublicPart(name), name)
	}
	for _, name := range []string{"", "app", "value", "data", "monday"} { // their values may be secret
		assert.False(t, secretname.Part(name), name)
		assert.False(t, secretname.PublicPart(name), name)
	}
}
