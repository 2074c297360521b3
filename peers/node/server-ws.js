// Echo server on `ws`. Usage: server-ws.js PORT
'use strict'

const { WebSocketServer } = require('ws')
const { HOST, MESSAGE_OCTETS_MAX, announce, onTermination, portArgument } = require('./peer')

// permessage-deflate stays off, which is this library's default for servers.
const server = new WebSocketServer({ host: HOST, port: portArgument(), maxPayload: MESSAGE_OCTETS_MAX })

server.on('listening', () => announce(server.address().port))
server.on('connection', (socket) => {
  socket.on('error', () => {}) // `ws` has already sent its Close frame
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
})

onTermination(() => {
  server.close()
  for (const socket of server.clients) socket.terminate()
})
