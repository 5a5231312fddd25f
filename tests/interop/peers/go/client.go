// Makes the calls of a file by Go's kolo/xmlrpc: client URL FILE
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/kolo/xmlrpc"
)

func call(client *xmlrpc.Client, name, method string, params []interface{}) {
	var result interface{}
	err := client.Call(method, params, &result)
	if err == nil {
		fmt.Printf("result %s\n", name)
		write(result)
		return
	}
	// The library's fault comes as its text alone.
	var code int
	text := err.Error()
	if _, failure := fmt.Sscanf(text, "Fault(%d):", &code); failure == nil {
		text = text[strings.Index(text, ": ")+2:]
		fmt.Printf("fault %s %d %s\n", name, code, escape(text))
		return
	}
	fmt.Printf("error %s %s\n", name, escape(text))
}

func main() {
	client, err := xmlrpc.NewClient(os.Args[1], nil)
	if err != nil {
		panic(err)
	}
	text, err := os.ReadFile(os.Args[2])
	if err != nil {
		panic(err)
	}
	lines := &lines{strings.Split(strings.TrimSpace(string(text)), "\n")}
	for len(lines.left) > 0 {
		words := strings.Split(lines.next(), " ")
		params := make([]interface{}, number(words[3]))
		for i := range params {
			params[i] = read(lines)
		}
		call(client, words[1], words[2], params)
	}
}
