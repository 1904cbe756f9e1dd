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

// The issues of every project, four projects at a time.
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

// Each project with its issues, four projects at a time.
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

func ExampleList() {
	client := transporttest.Client(func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, `[%q]`, r.FormValue("region")) })
	for v, err := range children.Each(context.Background(), children.List([]string{"eu", "us"}), 2, func(ctx context.Context, region string) iter.Seq2[string, error] {
		return transport.Records[string](ctx, client, transport.Request{Query: url.Values{"region": {region}}}, nil)
	}) {
		fmt.Println(v, err)
	}
	// Output:
	// eu <nil>
	// us <nil>
}
