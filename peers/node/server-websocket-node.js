// Echo server on `websocket` (WebSocket-Node), with its default limits. Usage: server-websocket-node.js PORT
'use strict'

const http = require('http')
const { server: WebSocketServer } = require('websocket')
const { HOST, announce, onTermination, portArgument } = require('./peer')

const listener = http.createServer((request, response) => response.writeHead(426).end())
const server = new WebSocketServer({ httpServer: listener, autoAcceptConnections: true })

server.on('connect', (connection) => {
  connection.on('error', () => {}) // resets
  connection.on('message', (message) => {
    if (message.type === 'utf8') connection.sendUTF(message.utf8Data)
    else connection.sendBytes(message.binaryData)
  })
})

listener.listen(portArgument(), HOST, () => announce(listener.address().port))

onTermination(() => {
  server.shutDown()
  listener.close()
})
