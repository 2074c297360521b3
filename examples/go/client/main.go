// An echo client with gorilla/websocket, until the connection is closed. Usage: client URL
package main

import (
	"log"
	"os"

	"github.com/gorilla/websocket"
)

func main() {
	dialer := websocket.Dialer{EnableCompression: true}
	connection, _, err := dialer.Dial(os.Args[1], nil)
	if err != nil {
		log.Fatal(err)
	}
	defer connection.Close()
	for {
		kind, message, err := connection.ReadMessage()
		if websocket.IsCloseError(err, websocket.CloseNormalClosure, websocket.CloseNoStatusReceived) {
			return
		}
		if err != nil {
			log.Fatal(err)
		}
		if err := connection.WriteMessage(kind, message); err != nil {
			log.Fatal(err)
		}
	}
}
