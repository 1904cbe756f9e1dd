package secretspelling

// passwords returns passwords, among them those with characters that encoders escape.
func passwords(g generator) []Kind {
	tail := func() string { return g.text(6, alphanum) }
	return []Kind{
		{Name: "a password with marks", Value: `Tr0ub4dor&3#x!` + tail()},
		{Name: "a password with all marks", Value: "!#$%&()*+,-./:;<=>?@[]^_`{|}~" + tail()},
		{Name: "a password with spaces", Value: "correct zebra battery " + tail() + " staple"},
		{Name: "a password with runs of spaces", Value: "correct  zebra   battery " + tail()},
		{Name: "a password with umlauts", Value: "Schlüßel-für-Ägypten-" + tail()},
		{Name: "a password in Cyrillic", Value: "Ключ" + tail() + "отДвери"},
		{Name: "a password with an emoji", Value: "pa🔑ss🦊word" + tail()},
		{Name: "a password with quotes", Value: `say "hello" it's ` + tail()},
		{Name: "a password with backslashes", Value: `dom\user\\x` + tail() + `\`},
		{Name: "a password with a percent escape", Value: "zq%41%2Bq7" + tail()},
		{Name: "a password with an HTML entity", Value: "zq&amp;q7&lt;" + tail()},
		{Name: "a password with HTML marks", Value: "a<b>c&d'e\"f" + tail()},
		{Name: `a password with a literal \n`, Value: `zq7\nq7\u0041` + tail()},
		{Name: "a password with a tab", Value: "zq7\tq7\t" + tail()},
		{Name: "a password with a line separator", Value: "zq7\u2028q7" + tail()},
		{Name: "a password of 10 bytes", Value: g.text(10, alphanum)},
		{Name: "a password of 9 bytes", Value: g.text(9, alphanum)},
		{Name: "a password of 8 bytes", Value: g.text(8, alphanum)},
		{Name: "a password of 8 bytes with marks", Value: "q&<" + g.text(3, alphanum) + "/+"},
		{Name: "a password of 7 bytes", Value: g.text(7, alphanum)},
		{Name: "a password of 4 bytes", Value: "zX" + g.text(2, digits)},
		{Name: "a password of 3 bytes", Value: "Q" + g.text(2, digits)},
		{Name: "a path of Windows", Value: `C:\Users\svc\` + g.text(8, alphanum) + `\new\table.key`},
	}
}

// pastedTexts returns keys with what a clipboard or an editor adds to them.
func pastedTexts(g generator) []Kind {
	pasted := func(name, before, after string) Kind {
		key := "key-" + g.text(20, alphanum)
		return Kind{Name: name, Value: before + key + after, Parts: []string{key}}
	}
	return []Kind{
		pasted("a key with spaces around it", " ", "  "),
		pasted("a key with a byte-order mark", "\ufeff", ""),
		pasted("a key with a line end of Windows", "", "\r\n"),
		pasted("a key with an empty line before it", "\n", "\n"),
	}
}
