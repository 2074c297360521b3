// An echo server with ws. Usage: node echo-server.js PORT
'use strict'

const { WebSocketServer } = require('ws')

const server = new WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[2]), perMessageDeflate: true })

server.on('connection', (socket) => {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
  // ws has failed the connection by then; without a listener the error would end the process.
  socket.on('error', (error) => console.error(error.message))
})
