// An echo client with ws, until the connection is closed. Usage: node echo-client.js URL
'use strict'

const WebSocket = require('ws')

const socket = new WebSocket(process.argv[2])

socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
socket.on('error', (error) => {
  console.error(error.message)
  process.exitCode = 1
})
