// Command jsonv2 is the connector of the shop as it is written in an hour without a
// library: net/http, json/v2, a loop for each table. It reads the whole tables, has no
// retry and no state, and writes the records of package stdin.
package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

type customer struct {
	ID        int64     `json:"id"`
	Name      string    `json:"name"`
	Email     string    `json:"email"`
	CreatedAt time.Time `json:"created_at"`
}

type order struct {
	ID         int64          `json:"id"`
	CustomerID int64          `json:"customer_id"`
	Status     string         `json:"status"`
	Total      string         `json:"total"`
	Currency   string         `json:"currency"`
	UpdatedAt  time.Time      `json:"updated_at"`
	Tags       []string       `json:"tags"`
	Shipping   jsontext.Value `json:"shipping"`
}

type item struct {
	OrderID  int64  `json:"order_id"`
	Line     int32  `json:"line"`
	SKU      string `json:"sku"`
	Quantity int64  `json:"quantity"`
	Price    string `json:"price"`
}

type record struct {
	Type   string         `json:"type"`
	Op     string         `json:"op,omitzero"`
	Record map[string]any `json:"record"`
}

type shop struct {
	key, baseURL string
	out          *jsontext.Encoder
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	var request struct {
		Secrets struct {
			APIKey  string `json:"api_key"`
			BaseURL string `json:"base_url"`
		} `json:"secrets"`
	}
	if err := json.UnmarshalRead(os.Stdin, &request); err != nil {
		return err
	}
	buffered := bufio.NewWriterSize(os.Stdout, 64<<10)
	out := jsontext.NewEncoder(buffered)
	s := &shop{request.Secrets.APIKey, request.Secrets.BaseURL, out}
	if err := s.customers(); err != nil {
		return fmt.Errorf("customers: %w", err)
	}
	if err := s.orders(); err != nil {
		return fmt.Errorf("orders: %w", err)
	}
	return buffered.Flush()
}

func (s *shop) customers() error {
	for number, pages := 1, 1; number <= pages; number++ {
		var page struct {
			Data       []customer `json:"data"`
			TotalPages int        `json:"total_pages"`
		}
		if err := s.get(fmt.Sprintf("/customers?per_page=500&page=%d", number), &page); err != nil {
			return err
		}
		for i := range page.Data {
			if err := s.emit("customers", "", &page.Data[i]); err != nil {
				return err
			}
		}
		pages = page.TotalPages
	}
	return nil
}

func (s *shop) orders() error {
	for next := "/orders?limit=500&updated_since=" + url.QueryEscape("1970-01-01T00:00:00Z"); next != ""; {
		var page struct {
			Data []struct {
				order
				Deleted bool   `json:"deleted"`
				Items   []item `json:"items"`
			} `json:"data"`
			Next string `json:"next"`
		}
		if err := s.get(next, &page); err != nil {
			return err
		}
		for i := range page.Data {
			o, op := &page.Data[i], ""
			if o.Deleted {
				op = "DELETE"
			}
			if err := s.emit("orders", op, &o.order); err != nil {
				return err
			}
			for j := range o.Items {
				o.Items[j].OrderID = o.ID
				if err := s.emit("order_items", op, &o.Items[j]); err != nil {
					return err
				}
			}
		}
		next = page.Next
	}
	return nil
}

func (s *shop) get(path string, page any) error {
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, s.baseURL+path, http.NoBody)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+s.key)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", path, response.Status)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, page)
}

func (s *shop) emit(table, op string, row any) error {
	return json.MarshalEncode(s.out, record{"RECORD", op, map[string]any{"shop": map[string]any{table: row}}})
}
