package auth

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// keyForm says how a private key should look. It ends the errors of parsePrivateKey.
const keyForm = "want an RSA key in PEM, from the line -----BEGIN PRIVATE KEY----- to the line -----END PRIVATE KEY-----"

// pemBlock matches a PEM block (RFC 7468). Its line breaks and spaces may be missing, and
// its dashes may be longer ones, because word processors replace two dashes with one.
var pemBlock = regexp.MustCompile(`(?s)[-–—]+ *BEGIN *([A-Z0-9 ]+?) *[-–—]+(.*?)[-–—]+ *END[A-Z0-9 ]+?[-–—]`)

// parsePrivateKey parses an RSA key in PEM that a person has pasted into a form or an
// environment variable. Its error does not quote the text.
func parsePrivateKey(text string) (*rsa.PrivateKey, error) {
	text = unescapePEM(text)
	// An environment variable may hold the base64 form of the whole key.
	if inner, err := decodeKey(text); err == nil && (bytes.HasPrefix(inner, []byte("{")) || bytes.HasPrefix(inner, []byte("---"))) {
		text = unescapePEM(string(inner))
	}
	switch {
	case text == "":
		return nil, errors.New("it is empty: " + keyForm)
	case strings.HasPrefix(text, "{"):
		return nil, errors.New(`it is a whole JSON file: enter only the value of its member "private_key"`)
	}
	label, content, err := findKey(text)
	if err != nil {
		return nil, err
	}
	der, err := decodeKey(content)
	if err != nil {
		return nil, fmt.Errorf("the text after its line -----BEGIN %s----- is damaged: copy the whole key again; %s", label, keyForm)
	}
	return parseKey(der)
}

// unescapePEM removes what copying adds to a key: quotes around it, escapes for its line
// breaks, and a byte order mark.
func unescapePEM(text string) string {
	for strings.Contains(text, `\\`) { // escaped more than once
		text = strings.ReplaceAll(text, `\\`, `\`)
	}
	text = escapes.Replace(text)
	return strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("\"'`,;\ufeff", r) })
}

var escapes = strings.NewReplacer(`\r`, "\r", `\n`, "\n", `\t`, "\t", `\/`, "/", `\u003d`, "=", `\u002b`, "+", `\u000a`, "\n", `\"`, `"`)

// findKey returns the label and the content of the private key in a text, which may hold
// further PEM blocks, such as a certificate.
func findKey(text string) (label, content string, err error) {
	blocks := pemBlock.FindAllStringSubmatch(text, -1)
	for _, block := range blocks {
		if label := block[1]; strings.HasSuffix(withoutSpaces(label), "PRIVATEKEY") {
			return checkLabel(label, block[2])
		}
	}
	switch {
	case len(blocks) > 0:
		return "", "", fmt.Errorf("it is a %s: %s", strings.ToLower(blocks[0][1]), keyForm)
	case strings.Contains(text, "BEGIN ") && !strings.Contains(text, "END "):
		return "", "", errors.New("its end is missing: " + keyForm)
	}
	// Some people copy only the lines between the first and the last one.
	if der, err := decodeKey(text); err == nil && len(der) > 0 && der[0] == asn1Sequence {
		return "PRIVATE KEY", text, nil
	}
	return "", "", errors.New("it is not PEM: " + keyForm)
}

// asn1Sequence is the first byte of every key in DER.
const asn1Sequence = 0x30

func withoutSpaces(text string) string { return strings.ReplaceAll(text, " ", "") }

// checkLabel refuses a block that holds a key that cannot be used.
func checkLabel(label, content string) (string, string, error) {
	switch {
	case strings.HasPrefix(label, "ENCRYPTED"), strings.Contains(content, "ENCRYPTED"):
		return "", "", errors.New("it is encrypted with a passphrase: enter a key without one, which this command writes: openssl pkey -in key.pem -out plain.pem")
	case strings.HasPrefix(label, "OPENSSH"):
		return "", "", errors.New("it has the format of OpenSSH: enter a key in PEM, to which this command converts a copy of the file: ssh-keygen -p -m PEM -f copy")
	}
	return label, content, nil
}

// decodeKey decodes base64 with any white space in it.
func decodeKey(content string) ([]byte, error) {
	content = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' {
			return -1
		}
		return r
	}, content)
	return base64.RawStdEncoding.DecodeString(strings.TrimRight(content, "="))
}

// parseKey parses an RSA key in DER, as PKCS #8 or PKCS #1.
func parseKey(der []byte) (*rsa.PrivateKey, error) {
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key, nil
	}
	if _, err := x509.ParseECPrivateKey(der); err == nil {
		return nil, errECKey
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, errors.New("its content is not a private key, or a part of it is missing: copy the whole key again; " + keyForm)
	}
	switch key := key.(type) {
	case *rsa.PrivateKey:
		return key, nil
	case *ecdsa.PrivateKey:
		return nil, errECKey
	}
	return nil, errors.New("it is not an RSA key, which RS256 requires: " + keyForm)
}

var errECKey = errors.New("it is an elliptic-curve key, but RS256 requires an RSA key: create an RSA key at the source")

// minKeyLine is the minimum length of a line of a key that is hidden on its own. The
// last line of a key may be so short that ordinary text contains it.
const minKeyLine = 16

// keySpellings returns the texts to hide for a private key: the key as it is
// configured, with line breaks as \n, as one line, and its single lines.
func keySpellings(text string) []string {
	plain := unescapePEM(text)
	all := []string{text, plain, strings.ReplaceAll(plain, "\n", `\n`), strings.Join(strings.Fields(plain), " ")}
	for _, field := range strings.Fields(plain) {
		if len(field) >= minKeyLine && !strings.Contains(field, "-----") {
			all = append(all, field)
		}
	}
	return all
}
