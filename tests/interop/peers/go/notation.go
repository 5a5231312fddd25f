// The runner's notation of values, read and written by Go's own types, and the library's
// Base64.
package main

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/kolo/xmlrpc"
)

const date = "20060102T15:04:05"

type lines struct{ left []string }

func (l *lines) next() string {
	line := l.left[0]
	l.left = l.left[1:]
	return line
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func number(text string) int64 {
	return must(strconv.ParseInt(text, 10, 64))
}

func unescape(text string) string {
	return must(url.PathUnescape(text))
}

func escape(text string) string {
	return strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
}

func read(lines *lines) interface{} {
	kind, text, _ := strings.Cut(lines.next(), " ")
	switch kind {
	case "int", "i8":
		return number(text)
	case "double":
		return must(strconv.ParseFloat(text, 64))
	case "boolean":
		return text == "1"
	case "string":
		return unescape(text)
	case "dateTime":
		return must(time.Parse(date, text))
	case "base64":
		return xmlrpc.Base64(base64.StdEncoding.EncodeToString([]byte(unescape(text))))
	case "nil":
		return nil
	case "array":
		items := make([]interface{}, number(text))
		for i := range items {
			items[i] = read(lines)
		}
		return items
	}
	members := map[string]interface{}{}
	for left := number(text); left > 0; left-- {
		_, name, _ := strings.Cut(lines.next(), " ")
		members[unescape(name)] = read(lines)
	}
	return members
}

// write prints a value. The library gives base64 as its text, of the type of texts.
func write(value interface{}) {
	switch value := value.(type) {
	case nil:
		fmt.Println("nil")
	case bool:
		fmt.Printf("boolean %d\n", map[bool]int{false: 0, true: 1}[value])
	case int64:
		kind := "int"
		if int64(int32(value)) != value {
			kind = "i8"
		}
		fmt.Printf("%s %d\n", kind, value)
	case float64:
		fmt.Printf("double %v\n", value)
	case string:
		fmt.Printf("text %s\n", escape(value))
	case time.Time:
		fmt.Printf("dateTime %s\n", value.Format(date))
	case []interface{}:
		fmt.Printf("array %d\n", len(value))
		for _, item := range value {
			write(item)
		}
	case map[string]interface{}:
		fmt.Printf("struct %d\n", len(value))
		for name, member := range value {
			fmt.Printf("name %s\n", escape(name))
			write(member)
		}
	default:
		panic(fmt.Sprintf("no notation of %T", value))
	}
}
