package secretspelling

// documents returns secrets inside a document.
func documents(g generator) []Kind {
	a, b := g.text(16, alphanum), g.text(16, alphanum)
	return []Kind{
		{Name: "an XML document", Value: "<cred><user>svc</user><key>" + a + "</key></cred>", Parts: []string{a}, Fused: true},
		{Name: "a JSON document", Value: `{"user":"svc","password":"` + b + `"}`, Parts: []string{b}},
	}
}
