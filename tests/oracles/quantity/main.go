// Reads quantities as Kubernetes does and answers JSON: the other half of tests/quantity_oracle.rs.
//
// A line of standard input is a JSON array of two texts. For each a line comes back, at once: what both texts are
// ([quantity] or an error), how they compare, and the sum of them.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"k8s.io/apimachinery/pkg/api/resource"
)

type quantity struct {
	Error string `json:"error,omitempty"`
	// What the server prints: the text itself where it took it for canonical.
	Text string `json:"text"`
	// The canonical form, whatever the text was.
	Canonical string `json:"canonical"`
	Value     int64  `json:"value"`
	Milli     int64  `json:"milli"`
}

type answer struct {
	Quantities []quantity `json:"quantities"`
	Compared   int        `json:"compared"`
	Sum        string     `json:"sum"`
}

func main() {
	in, out := bufio.NewScanner(os.Stdin), json.NewEncoder(os.Stdout)
	for in.Scan() {
		var texts [2]string
		if err := json.Unmarshal(in.Bytes(), &texts); err != nil {
			fail(err)
		}
		if err := out.Encode(read(texts)); err != nil {
			fail(err)
		}
	}
	if err := in.Err(); err != nil {
		fail(err)
	}
}

func read(texts [2]string) answer {
	var answer answer
	var parsed []resource.Quantity
	for _, text := range texts {
		it, err := resource.ParseQuantity(text)
		if err != nil {
			answer.Quantities = append(answer.Quantities, quantity{Error: err.Error()})
			continue
		}
		number, suffix := it.CanonicalizeBytes(nil)
		answer.Quantities = append(answer.Quantities, quantity{
			Text: it.String(), Canonical: string(number) + string(suffix), Value: it.Value(), Milli: it.MilliValue(),
		})
		parsed = append(parsed, it)
	}
	if len(parsed) == 2 {
		answer.Compared = parsed[0].Cmp(parsed[1])
		sum := parsed[0].DeepCopy()
		sum.Add(parsed[1])
		answer.Sum = sum.String()
	}
	return answer
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
