// Serves add(x, y) with Go's own HTTP and the codec of kolo, which has no server: each
// param is decoded by it. Prints its port.
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go build -o server server.go
package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/kolo/xmlrpc"
)

const answer = `<?xml version="1.0"?><methodResponse><params><param><value>` +
	`<int>%d</int></value></param></params></methodResponse>`

func add(response http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		panic(err)
	}
	sum := 0
	for _, param := range bytes.Split(body, []byte("<param>"))[1:] {
		var number int
		if err := xmlrpc.Response(param).Unmarshal(&number); err != nil {
			panic(err)
		}
		sum += number
	}
	response.Header().Set("content-type", "text/xml")
	fmt.Fprintf(response, answer, sum)
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	panic(http.Serve(listener, http.HandlerFunc(add)))
}
