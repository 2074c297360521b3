// Echo client on `ws`. Arguments as in driver.js. Clients of this library offer permessage-deflate by default.
'use strict'

const WebSocket = require('ws')
const { drive } = require('./driver')
const { MESSAGE_OCTETS_MAX } = require('./peer')

// Resolves when the connection is closed, and rejects then if the library has reported an error.
const talk = (url, receive) => new Promise((resolve, reject) => {
  const socket = new WebSocket(url, { maxPayload: MESSAGE_OCTETS_MAX })
  let failure
  socket.on('message', (data, isBinary) => receive(socket, data, isBinary))
  socket.on('error', (error) => { failure = error })
  socket.on('close', () => failure === undefined ? resolve() : reject(failure))
})

async function firstMessage (url) {
  let text
  await talk(url, (_, data) => { text ??= data.toString() })
  return text
}

drive('ws', firstMessage, (url) => talk(url, (socket, data, isBinary) => socket.send(data, { binary: isBinary })))
