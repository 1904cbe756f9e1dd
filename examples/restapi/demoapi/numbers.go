package main

import (
	"fmt"
	"strconv"
	"strings"
)

// numbers is a [flag.Value] that lists the numbers of orders, separated by commas.
type numbers []int

// String implements [flag.Value].
func (n *numbers) String() string {
	var texts []string
	for _, number := range *n {
		texts = append(texts, strconv.Itoa(number))
	}
	return strings.Join(texts, ",")
}

// Set implements [flag.Value]. It adds to the list.
func (n *numbers) Set(list string) error {
	for text := range strings.SplitSeq(list, ",") {
		number, err := strconv.Atoi(text)
		if err != nil || number < 0 {
			return fmt.Errorf("%q is not the number of an order", text)
		}
		*n = append(*n, number)
	}
	return nil
}
