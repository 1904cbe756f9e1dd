// Command handwritten is the connector of the shop as it is written in a week for speed: it
// decodes with json/v2 and has an encoder for each table. It reads the whole tables, has no
// retry and no state, and writes the records of package stdin.
package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
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

type shop struct {
	key, baseURL string
	out          *bufio.Writer
	line, body   []byte
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
	out := bufio.NewWriterSize(os.Stdout, 64<<10)
	s := &shop{key: request.Secrets.APIKey, baseURL: request.Secrets.BaseURL, out: out}
	if err := s.customers(); err != nil {
		return fmt.Errorf("customers: %w", err)
	}
	if err := s.orders(); err != nil {
		return fmt.Errorf("orders: %w", err)
	}
	return s.out.Flush()
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
			if err := s.emitCustomer(&page.Data[i]); err != nil {
				return err
			}
		}
		pages = page.TotalPages
	}
	return nil
}

func (s *shop) orders() error {
	var page struct {
		Data []struct {
			order
			Deleted bool   `json:"deleted"`
			Items   []item `json:"items"`
		} `json:"data"`
		Next string `json:"next"`
	}
	for next := "/orders?limit=500&updated_since=" + url.QueryEscape("1970-01-01T00:00:00Z"); next != ""; {
		clear(page.Data) // a field that the next page omits must not keep its value
		page.Data, page.Next = page.Data[:0], ""
		if err := s.get(next, &page); err != nil {
			return err
		}
		for i := range page.Data {
			o := &page.Data[i]
			if err := s.emitOrder(&o.order, o.Deleted); err != nil {
				return err
			}
			for j := range o.Items {
				o.Items[j].OrderID = o.ID
				if err := s.emitItem(&o.Items[j], o.Deleted); err != nil {
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
	body := bytes.NewBuffer(s.body[:0])
	if _, err := body.ReadFrom(response.Body); err != nil {
		return err
	}
	s.body = body.Bytes()
	return json.Unmarshal(s.body, page)
}

func (s *shop) emitCustomer(c *customer) error {
	b := s.line[:0]
	b = append(b, `{"type":"RECORD","record":{"shop":{"customers":{"id":`...)
	b = strconv.AppendInt(b, c.ID, 10)
	b = appendText(append(b, `,"name":`...), c.Name)
	b = appendText(append(b, `,"email":`...), c.Email)
	b = appendTime(append(b, `,"created_at":`...), c.CreatedAt)
	return s.write(b)
}

func (s *shop) emitOrder(o *order, deleted bool) error {
	if deleted {
		return s.write(strconv.AppendInt(append(s.line[:0], `{"type":"RECORD","op":"DELETE","record":{"shop":{"orders":{"id":`...), o.ID, 10))
	}
	b := s.line[:0]
	b = append(b, `{"type":"RECORD","record":{"shop":{"orders":{"id":`...)
	b = strconv.AppendInt(b, o.ID, 10)
	b = strconv.AppendInt(append(b, `,"customer_id":`...), o.CustomerID, 10)
	b = appendText(append(b, `,"status":`...), o.Status)
	b = appendText(append(b, `,"total":`...), o.Total)
	b = appendText(append(b, `,"currency":`...), o.Currency)
	b = appendTime(append(b, `,"updated_at":`...), o.UpdatedAt)
	b = append(b, `,"tags":[`...)
	for i, tag := range o.Tags {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(b, tag)
	}
	b = append(append(b, `],"shipping":`...), o.Shipping...)
	return s.write(b)
}

func (s *shop) emitItem(i *item, deleted bool) error {
	b := s.line[:0]
	if deleted {
		b = append(b, `{"type":"RECORD","op":"DELETE","record":{"shop":{"order_items":{"order_id":`...)
	} else {
		b = append(b, `{"type":"RECORD","record":{"shop":{"order_items":{"order_id":`...)
	}
	b = strconv.AppendInt(b, i.OrderID, 10)
	b = strconv.AppendInt(append(b, `,"line":`...), int64(i.Line), 10)
	if !deleted {
		b = appendText(append(b, `,"sku":`...), i.SKU)
		b = strconv.AppendInt(append(b, `,"quantity":`...), i.Quantity, 10)
		b = appendText(append(b, `,"price":`...), i.Price)
	}
	return s.write(b)
}

// write ends a line and writes it.
func (s *shop) write(b []byte) error {
	b = append(b, "}}}}\n"...)
	s.line = b
	_, err := s.out.Write(b)
	return err
}

func appendText(b []byte, text string) []byte {
	b = append(b, '"')
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < ' ':
			b = fmt.Appendf(b, "\\u%04x", c)
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

func appendTime(b []byte, t time.Time) []byte {
	return append(t.UTC().AppendFormat(append(b, '"'), time.RFC3339Nano), '"')
}
