// Echo server on `nodejs-websocket`. Usage: server-nodejs-websocket.js PORT
//
// A weak target on purpose: the library is unmaintained and checks little. Nothing is caught here, so that an exception
// escaping from it would end the process.
'use strict'

const websocket = require('nodejs-websocket')
const { HOST, MESSAGE_OCTETS_MAX, announce, onTermination, portArgument } = require('./peer')

// The limit is one on unparsed octets: leave room for a frame header and the start of the next frame.
websocket.setMaxBufferLength(MESSAGE_OCTETS_MAX + 1024)

const server = websocket.createServer((connection) => {
  connection.on('error', () => {}) // resets, and frames written after the Close
  connection.on('text', (text) => connection.sendText(text))
  connection.on('binary', (stream) => {
    const chunks = []
    stream.on('data', (chunk) => chunks.push(chunk))
    stream.on('end', () => connection.sendBinary(Buffer.concat(chunks)))
  })
})

server.on('listening', () => announce(server.socket.address().port))
server.listen(portArgument(), HOST)

onTermination(() => {
  server.close()
  for (const connection of server.connections) connection.socket.destroy()
})
