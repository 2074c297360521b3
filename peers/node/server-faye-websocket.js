// Echo server on `faye-websocket`, with its default limits. Usage: server-faye-websocket.js PORT
'use strict'

const http = require('http')
const WebSocket = require('faye-websocket')
const { HOST, announce, onTermination, portArgument } = require('./peer')

const listener = http.createServer((request, response) => response.writeHead(426).end())

listener.on('upgrade', (request, socket, head) => {
  if (!WebSocket.isWebSocket(request)) return socket.destroy()
  const connection = new WebSocket(request, socket, head)
  connection.on('error', () => {}) // resets
  connection.on('message', (event) => connection.send(event.data))
})

listener.listen(portArgument(), HOST, () => announce(listener.address().port))

onTermination(() => {
  listener.closeAllConnections()
  listener.close()
})
