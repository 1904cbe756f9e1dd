package secretspelling

import (
	"encoding/json"
	"strings"
)

// files returns the contents of files with keys.
func files(g generator) []Kind {
	armored := func(name, text string) Kind { return Kind{Name: name, Value: text, Parts: lines(text)} }
	key := "PRIVATE" + " KEY"
	return []Kind{
		armored("an RSA key in PEM", g.armored("RSA "+key, 8, "\n")),
		armored("an EC key in PEM", g.armored("EC "+key, 3, "\n")),
		armored("a PKCS 8 key in PEM", g.armored(key, 9, "\n")),
		armored("a PKCS 8 key in PEM with line ends of Windows", g.armored(key, 5, "\r\n")),
		armored("an encrypted key in PEM", g.armored("RSA "+key, 6, "\n", "Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-256-CBC,"+strings.ToUpper(g.hex(16)), "")),
		armored("an OpenSSH key", g.armored("OPENSSH "+key, 7, "\n")),
		certified(g),
		serviceAccount(g, "a service account, indented", func(v any) ([]byte, error) { return json.MarshalIndent(v, "", "  ") }),
		serviceAccount(g, "a service account on one line", json.Marshal),
	}
}

// certified returns a certificate, which is public, with its key.
func certified(g generator) Kind {
	certificate := g.armored("CERTIFICATE", 5, "\n")
	key := g.armored("PRIVATE"+" KEY", 5, "\n")
	return Kind{Name: "a certificate with its key", Value: certificate + key, Parts: lines(key)}
}

// serviceAccount returns the file of a service account.
func serviceAccount(g generator, name string, marshal func(any) ([]byte, error)) Kind {
	pem := g.armored("PRIVATE"+" KEY", 8, "\n")
	text, err := marshal(map[string]string{
		"type": "service_account", "project_id": "shop-1", "private_key": pem,
		"client_email": "reader@shop-1.example.com", "token_uri": "https://oauth2.example.com/token",
	})
	if err != nil {
		panic(err) // strings always marshal
	}
	return Kind{Name: name, Value: string(text), Parts: lines(pem), Inner: pem}
}
