package children_test

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/url"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/children"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
)

// Each reads the issues of all projects, of four projects at a time.
func ExampleEach() {
	client := transporttest.Client(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/projects" {
			fmt.Fprint(w, `["a","b"]`)
			return
		}
		fmt.Fprintf(w, `["%s/1","%s/2"]`, r.URL.Path, r.URL.Path)
	})
	ctx := context.Background()
	projects := transport.Records[string](ctx, client, transport.Request{Path: "/projects"}, nil)
	issues := children.Each(ctx, projects, 4, func(ctx context.Context, project string) iter.Seq2[string, error] {
		return transport.Records[string](ctx, client, transport.Request{Path: "/projects/" + url.PathEscape(project)}, nil)
	})
	for issue, err := range issues {
		fmt.Println(issue, err)
	}
	// Output:
	// /projects/a/1 <nil>
	// /projects/a/2 <nil>
	// /projects/b/1 <nil>
	// /projects/b/2 <nil>
}

// Families yields each project with its issues, and reads those of four projects at a
// time.
func ExampleFamilies() {
	client := transporttest.Client(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/projects":
			fmt.Fprint(w, `["a","b"]`)
		case "/projects/a":
			fmt.Fprint(w, `["first","second"]`)
		default:
			fmt.Fprint(w, `[]`)
		}
	})
	ctx := context.Background()
	projects := transport.Records[string](ctx, client, transport.Request{Path: "/projects"}, nil)
	issues := func(ctx context.Context, project string) iter.Seq2[string, error] {
		return transport.Records[string](ctx, client, transport.Request{Path: "/projects/" + url.PathEscape(project)}, nil)
	}
	for project, err := range children.Families(ctx, projects, 4, issues) {
		fmt.Println(project.Parent, project.Children, err)
	}
	// Output:
	// a [first second] <nil>
	// b [] <nil>
}

// The parents are known in advance.
func ExampleList() {
	client := transporttest.Client(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `["customer in %s"]`, r.FormValue("region"))
	})
	customersOf := func(ctx context.Context, region string) iter.Seq2[string, error] {
		return transport.Records[string](ctx, client, transport.Request{Path: "/customers", Query: url.Values{"region": {region}}}, nil)
	}
	regions := children.List([]string{"eu", "us"})
	for customer, err := range children.Each(context.Background(), regions, 2, customersOf) {
		fmt.Println(customer, err)
	}
	// Output:
	// customer in eu <nil>
	// customer in us <nil>
}
