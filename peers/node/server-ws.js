// Echo server on `ws`. Usage: server-ws.js [--permessage-deflate] PORT
'use strict'

const { Server: WebSocketServer } = require('ws') // by the name that all its releases have
const { HOST, MESSAGE_OCTETS_MAX, announce, onTermination, portArgument } = require('./peer')

// permessage-deflate is off unless asked for, which is this library's default for servers.
const perMessageDeflate = process.argv.includes('--permessage-deflate')
const server = new WebSocketServer({ host: HOST, port: portArgument(), maxPayload: MESSAGE_OCTETS_MAX, perMessageDeflate })

server.on('listening', () => announce(server.address().port))
server.on('connection', (socket) => {
  socket.on('error', () => {}) // `ws` has already sent its Close frame
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
})

onTermination(() => {
  server.close()
  for (const socket of server.clients) socket.terminate()
})
