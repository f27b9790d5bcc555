// Reads YAML as Kubernetes does and answers JSON: the other half of tests/yaml_oracle.rs.
//
// Standard input is a row of sources, each a 32-bit little-endian length and that many bytes. For each source one line
// of JSON comes back, at once: {"documents": [{"json": …} or {"error": "…"}], "separator": "the error of the split"}.
package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

type document struct {
	JSON  json.RawMessage `json:"json,omitempty"`
	Error string          `json:"error,omitempty"`
}

type answer struct {
	Documents []document `json:"documents"`
	// The error of the textual split, which loses the text before it: nothing after it can be compared.
	Separator string `json:"separator,omitempty"`
}

func main() {
	in, out := bufio.NewReader(os.Stdin), bufio.NewWriter(os.Stdout)
	for {
		var size uint32
		if err := binary.Read(in, binary.LittleEndian, &size); err == io.EOF {
			return
		} else if err != nil {
			fail(err)
		}
		source := make([]byte, size)
		if _, err := io.ReadFull(in, source); err != nil {
			fail(err)
		}
		line, err := json.Marshal(read(source))
		if err != nil {
			fail(err)
		}
		if _, err := out.Write(append(line, '\n')); err != nil {
			fail(err)
		}
		if err := out.Flush(); err != nil {
			fail(err)
		}
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func read(source []byte) answer {
	if utilyaml.IsJSONBuffer(source) {
		if found := asKubectl(source); len(found.Documents) == 0 || found.Documents[0].Error == "" {
			return found
		}
	}
	return eachDocument(source)
}

// What kubectl runs. It stops at the first error.
func asKubectl(source []byte) answer {
	decoder := utilyaml.NewYAMLOrJSONDecoder(bytes.NewReader(source), 4096)
	found := answer{Documents: []document{}}
	for {
		var raw json.RawMessage
		err := decoder.Decode(&raw)
		if err == io.EOF {
			return found
		}
		if err != nil {
			found.Documents = append(found.Documents, document{Error: err.Error()})
			return found
		}
		found.Documents = append(found.Documents, normal(raw))
	}
}

// JSON as written, after Go has read it: of two equal keys the last, half characters replaced.
func normal(raw json.RawMessage) document {
	if len(raw) == 0 {
		return document{JSON: json.RawMessage("null")}
	}
	var value any
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return document{Error: err.Error()}
	}
	again, err := json.Marshal(value)
	if err != nil {
		return document{Error: err.Error()}
	}
	return document{JSON: again}
}

// The same for YAML, but going on after an error, as we do.
func eachDocument(source []byte) answer {
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(source)))
	found := answer{Documents: []document{}}
	for {
		text, err := reader.Read()
		var separator utilyaml.YAMLSyntaxError
		if errors.As(err, &separator) {
			found.Separator = err.Error()
			return found
		}
		if err == io.EOF {
			return found
		}
		if err != nil {
			fail(err)
		}
		found.Documents = append(found.Documents, convert(text))
	}
}

func convert(text []byte) (result document) {
	// go-yaml panics on some hostile texts; kubectl would die there, so it is an error.
	defer func() {
		if panicked := recover(); panicked != nil {
			result = document{Error: fmt.Sprintf("panic: %v", panicked)}
		}
	}()
	asJSON, err := yaml.YAMLToJSON(text)
	if err != nil {
		return document{Error: err.Error()}
	}
	return document{JSON: asJSON}
}
